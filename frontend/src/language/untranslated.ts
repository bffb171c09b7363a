/** Finds texts in the code that no translation reaches. Only the tests use it. */

import ts from "typescript";

/** Attributes and properties whose strings a person reads, even where they are a single word. */
const READ = new Set(
  "label title placeholder description alt text hint crumb heading lead aria-label aria-description aria-roledescription closeLabel emptyText word words noun what about confirm submit question children".split(
    " ",
  ),
);
/** Those whose strings nobody reads, however many words they have. */
const NOT_READ = new Set(
  "className style d viewBox points transform strokeDasharray fontFamily font key queryKey href to path src rel type role id htmlFor gridTemplateColumns gridTemplateRows gridTemplate border borderTop borderBottom borderLeft borderRight boxShadow background transition flex padding margin inset cols accept media sizes allow autoComplete template width height size gap aria-controls aria-labelledby aria-describedby dash hovertemplate".split(
    " ",
  ),
);
const MACROS = new Set(["t", "msg", "plural", "select", "selectOrdinal", "defineMessage"]);
const LETTERS = /\p{L}{2}/u;
const WORDS = /\p{L}[\p{L}.,:;’'“”)]* +[(“]?\p{L}/u;

const STYLE = /^@page |^(calc|clamp|repeat|minmax|rgba?|var|url)\(|(^| )(solid|dashed) (var\(|#|\w+$)|sans-serif$/;
/** Names and units, the same in every language. */
const SAME = /^(ExChanGeAI|Model ExChanGe|DICOM|[mµ]?[VsA]|[kM]?Hz|mm|kg|cm|bpm|%)$/;

export type Found = { line: number; text: string };

/** The texts of a file that stand in no macro: what stands between tags, labels, and strings of several words. */
export function untranslated(name: string, code: string): Found[] {
  const file = ts.createSourceFile(
    name,
    code,
    ts.ScriptTarget.Latest,
    true,
    name.endsWith("x") ? ts.ScriptKind.TSX : ts.ScriptKind.TS,
  );
  const found: Found[] = [];
  const add = (node: ts.Node, text: string) => {
    const line = file.getLineAndCharacterOfPosition(node.getStart(file)).line + 1;
    const before = code.split("\n")[line - 2] ?? "";
    if (!/\/\/ Not translated: /.test(before)) found.push({ line, text: text.trim().replace(/\s+/g, " ") });
  };
  const visit = (node: ts.Node): void => {
    if (isTranslated(node) || ts.isImportDeclaration(node) || ts.isExportDeclaration(node) || ts.isTypeNode(node))
      return;
    if (ts.isJsxText(node)) {
      if (LETTERS.test(node.text) && !SAME.test(node.text.trim())) add(node, node.text);
    } else if (ts.isStringLiteral(node) || ts.isNoSubstitutionTemplateLiteral(node)) {
      if (isRead(node, node.text)) add(node, node.text);
    } else if (ts.isTemplateExpression(node)) {
      const text = [node.head.text, ...node.templateSpans.map(({ literal }) => literal.text)].join("\u2026");
      if (isRead(node, text)) add(node, text);
    }
    ts.forEachChild(node, visit);
  };
  visit(file);
  return found;
}

function isRead(node: ts.Node, text: string): boolean {
  if (SAME.test(text.trim()) || STYLE.test(text)) return false;
  const name = nameOf(node);
  if (name !== null && NOT_READ.has(name)) return false;
  return (name !== null && READ.has(name) && LETTERS.test(text)) || WORDS.test(text);
}

/** The attribute or property that a value is given to, through conditions, braces and lists; between tags "children". */
function nameOf(node: ts.Node): string | null {
  let child = node;
  for (let parent = node.parent; parent; child = parent, parent = parent.parent) {
    if (ts.isJsxAttribute(parent)) return parent.name.getText();
    if (ts.isPropertyAssignment(parent))
      return parent.initializer === child ? parent.name.getText().replace(/"/g, "") : "key";
    if (ts.isJsxElement(parent) || ts.isJsxFragment(parent)) return "children";
    const passes =
      ts.isJsxExpression(parent) ||
      ts.isParenthesizedExpression(parent) ||
      ts.isArrayLiteralExpression(parent) ||
      (ts.isConditionalExpression(parent) && parent.condition !== child) ||
      (ts.isBinaryExpression(parent) && /^(&&|\|\||\?\?)$/.test(parent.operatorToken.getText()));
    if (!passes) return null;
  }
  return null;
}

function isTranslated(node: ts.Node): boolean {
  if (ts.isTaggedTemplateExpression(node) || ts.isCallExpression(node)) {
    const called = ts.isCallExpression(node) ? node.expression : node.tag;
    if (ts.isIdentifier(called) && MACROS.has(called.text)) return true;
  }
  // A failure that only whoever writes the code can meet.
  if (ts.isNewExpression(node) && node.expression.getText() === "Error") return true;
  const tag = ts.isJsxElement(node)
    ? node.openingElement.tagName
    : ts.isJsxSelfClosingElement(node)
      ? node.tagName
      : null;
  return tag !== null && /^(Trans|Plural|Select(Ordinal)?)$/.test(tag.getText()) && fromMacro(node, tag.getText());
}

/** Whether a tag is one of the macros: the kit has a `Select` too. */
function fromMacro(node: ts.Node, tag: string): boolean {
  return node
    .getSourceFile()
    .statements.some(
      (one) =>
        ts.isImportDeclaration(one) &&
        (one.moduleSpecifier as ts.StringLiteral).text === "@lingui/react/macro" &&
        one.importClause?.namedBindings !== undefined &&
        ts.isNamedImports(one.importClause.namedBindings) &&
        one.importClause.namedBindings.elements.some(({ name }) => name.text === tag),
    );
}
