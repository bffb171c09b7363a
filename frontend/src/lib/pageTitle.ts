/** The title of the tab: what the page is, and before it what goes on meanwhile. */

const PRODUCT = "ExChanGeAI";
let page = "";
let before = "";

function write(): void {
  const title = page ? `${page} · ${PRODUCT}` : PRODUCT;
  document.title = before ? `${before} · ${title}` : title;
}

export function setPageTitle(title: string): void {
  page = title;
  write();
}

/** Say what goes on, such as "40 %"; nothing for nothing. */
export function setTitleBefore(text: string): void {
  if (text === before) return;
  before = text;
  write();
}
