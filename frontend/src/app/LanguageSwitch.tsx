import { Button } from "@mantine/core";
import { changeLanguage, LANGUAGES, language } from "@/language/language";

/** Changes to the other language, which is called by its own name. */
export function LanguageSwitch() {
  const next = language() === "de" ? "en" : "de";
  return (
    <Button
      variant="default"
      px={10}
      style={{ flexShrink: 0 }}
      lang={next}
      title={LANGUAGES[next]} // on phones the code alone is seen
      onClick={() => changeLanguage(next)}
    >
      <span className="not-on-phones">{LANGUAGES[next]}</span>
      <span className="on-phones">{next.toUpperCase()}</span>
    </Button>
  );
}
