import { Stack, Table, Text } from "@mantine/core";
import type { CrossValidation } from "@/api/types";
import { region } from "@/language/language";
import { score } from "@/lib/format";
import { Note } from "./Note";

const TITLES: Record<string, string> = {
  macro_auroc: "AUROC, mean over labels",
  macro_f1: "F1, mean over labels",
  macro_r2: "R², mean over values",
  auroc: "AUROC",
  f1: "F1",
  recall: "Sensitivity",
  specificity: "Specificity",
  mae: "Mean absolute error",
  r2: "R²",
};
const OF_UNIT = ["mae"];

/** How the results of a cross-validation came about, and by how much they vary; nothing where there was none. */
export function CrossValidated({ evaluation }: { evaluation: unknown }) {
  const how = crossValidationOf(evaluation);
  if (!how) return null;
  const { n } = evaluation as { n: number };
  const times = how.repeats > 1 ? `, and this was repeated ${how.repeats} times with other parts` : "";
  const noun = how.over === "repeats" ? "repeats" : "parts";
  const whole = how.spread.filter(({ label }) => label === null);
  return (
    <Stack gap="xs">
      <Note tone="info" title="These results are cross-validated">
        Each of the {n.toLocaleString(region())} recordings was tested by a model that had not seen it: the patients
        were divided into {how.folds} parts, and each part was tested by a model that had learned from the others{times}
        .{" "}
        {how.n_only_trained > 0 &&
          `${how.n_only_trained} more only trained, because the base model has seen them or their patients. `}
        The model here is none of these. {how.kept} Its own results on new recordings should be about the same, rather
        better than worse.
        {how.repeats > 1 && " Numbers are means over repeats, counts too (rounded); repeats make no interval narrower."}
        {whole.length > 0 && (
          <ul style={{ margin: "6px 0", paddingLeft: 18 }}>
            {whole.map((one) => (
              <li key={one.measure}>
                {TITLES[one.measure] ?? one.measure} varied between {noun} from {written(one.lowest, one.measure)} to{" "}
                {written(one.highest, one.measure)}
                {one.sd !== null && ` (SD ${written(one.sd, one.measure)})`}.
              </li>
            ))}
          </ul>
        )}
      </Note>
      {how.spread.length > whole.length && (
        <details>
          <summary>How much each result varies between {noun}</summary>
          <SpreadTable how={how} />
          <Text size="xs" c="dimmed">
            That is how much the division into parts decides. How much other patients would change the results is said
            by the 95 % intervals.
          </Text>
        </details>
      )}
    </Stack>
  );
}

function SpreadTable({ how }: { how: CrossValidation }) {
  return (
    <Table.ScrollContainer minWidth={420} maxHeight={360} scrollAreaProps={{ viewportProps: { tabIndex: 0 } }}>
      <Table className="numbers" aria-label="How much results vary">
        <Table.Thead>
          <Table.Tr>
            <Table.Th>Of</Table.Th>
            <Table.Th>Result</Table.Th>
            <Table.Th ta="right">Lowest</Table.Th>
            <Table.Th ta="right">Highest</Table.Th>
            <Table.Th ta="right">SD</Table.Th>
          </Table.Tr>
        </Table.Thead>
        <Table.Tbody>
          {how.spread.map(({ measure, label, lowest, highest, sd }) => (
            <Table.Tr key={`${measure} ${label}`}>
              <Table.Td>{label ?? "all"}</Table.Td>
              <Table.Td>{TITLES[measure] ?? measure}</Table.Td>
              <Table.Td ta="right">{written(lowest, measure)}</Table.Td>
              <Table.Td ta="right">{written(highest, measure)}</Table.Td>
              <Table.Td ta="right">{sd === null ? "–" : written(sd, measure)}</Table.Td>
            </Table.Tr>
          ))}
        </Table.Tbody>
      </Table>
    </Table.ScrollContainer>
  );
}

/** How results were cross-validated; null where they are of one test part. */
export function crossValidationOf(evaluation: unknown): CrossValidation | null {
  const found = evaluation as { cross_validation?: CrossValidation | null } | null | undefined;
  return found?.cross_validation ?? null;
}

function written(value: number, measure: string): string {
  return OF_UNIT.includes(measure) ? Number(value.toPrecision(3)).toString() : score(value);
}
