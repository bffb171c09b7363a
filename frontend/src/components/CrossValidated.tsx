import { t } from "@lingui/core/macro";
import { Plural, Trans } from "@lingui/react/macro";
import { Stack, Table, Text } from "@mantine/core";
import type { CrossValidation } from "@/api/types";
import { region } from "@/language/language";
import { decimal, score } from "@/lib/format";
import { Note } from "./Note";

const TITLES: Record<string, string> = {
  macro_auroc: t`AUROC, mean over labels`,
  macro_f1: t`F1, mean over labels`,
  macro_r2: t`R², mean over values`,
  auroc: "AUROC",
  f1: "F1",
  recall: t`Sensitivity`,
  specificity: t`Specificity`,
  mae: t`Mean absolute error`,
  r2: "R²",
};
const OF_UNIT = ["mae"];

/** How the results of a cross-validation came about, and by how much they vary; nothing where there was none. */
export function CrossValidated({ evaluation }: { evaluation: unknown }) {
  const how = crossValidationOf(evaluation);
  if (!how) return null;
  const { n } = evaluation as { n: number };
  const { kept } = how;
  const whole = how.spread.filter(({ label }) => label === null);
  return (
    <Stack gap="xs">
      <Note tone="info" title={t`These results are cross-validated`}>
        {divided(n, how)}{" "}
        {how.n_only_trained > 0 && (
          <>
            {how.divided_by === "source" ? (
              <Plural
                value={how.n_only_trained}
                one="# more was not tested: its source is not known, has too few patients, or the base model has seen it."
                other="# more were not tested: their source is not known, has too few patients, or the base model has seen them."
              />
            ) : (
              <Plural
                value={how.n_only_trained}
                one="# more only trained, because the base model has seen it or its patient."
                other="# more only trained, because the base model has seen them or their patients."
              />
            )}{" "}
          </>
        )}
        <Trans>
          The model here is none of these. {kept} Its own results on new recordings should be about the same, rather
          better than worse.
        </Trans>
        {how.repeats > 1 && (
          <>
            {" "}
            <Trans>Numbers are means over repeats, counts too (rounded); repeats make no interval narrower.</Trans>
          </>
        )}
        {whole.length > 0 && (
          <ul style={{ margin: "6px 0", paddingLeft: 18 }}>
            {whole.map((one) => (
              <li key={one.measure}>{varied(one, how)}</li>
            ))}
          </ul>
        )}
      </Note>
      {how.spread.length > whole.length && (
        <details>
          <summary>
            {how.over === "repeats"
              ? t`How much each result varies between repeats`
              : t`How much each result varies between parts`}
          </summary>
          <SpreadTable how={how} />
          <Text size="xs" c="dimmed">
            <Trans>
              That is how much the division into parts decides. How much other patients would change the results is said
              by the 95 % intervals.
            </Trans>
          </Text>
        </details>
      )}
    </Stack>
  );
}

function divided(n: number, { folds, repeats, divided_by }: CrossValidation): string {
  const recordings = n.toLocaleString(region());
  if (divided_by === "source")
    return t`Each of the ${recordings} recordings was tested by a model that had learned from other sources only: the recordings were divided into ${folds} parts by where they come from.`;
  return repeats > 1
    ? t`Each of the ${recordings} recordings was tested by a model that had not seen it: the patients were divided into ${folds} parts, and each part was tested by a model that had learned from the others, and this was repeated ${repeats} times with other parts.`
    : t`Each of the ${recordings} recordings was tested by a model that had not seen it: the patients were divided into ${folds} parts, and each part was tested by a model that had learned from the others.`;
}

function varied({ measure, lowest, highest, sd }: CrossValidation["spread"][number], how: CrossValidation): string {
  const result = TITLES[measure] ?? measure;
  const [low, high] = [written(lowest, measure), written(highest, measure)];
  const deviation = sd === null ? "" : ` (SD ${written(sd, measure)})`;
  return how.over === "repeats"
    ? t`${result} varied between repeats from ${low} to ${high}${deviation}.`
    : t`${result} varied between parts from ${low} to ${high}${deviation}.`;
}

function SpreadTable({ how }: { how: CrossValidation }) {
  return (
    <Table.ScrollContainer minWidth={420} maxHeight={360} scrollAreaProps={{ viewportProps: { tabIndex: 0 } }}>
      <Table className="numbers" aria-label={t`How much results vary`}>
        <Table.Thead>
          <Table.Tr>
            <Table.Th>{t`Of`}</Table.Th>
            <Table.Th>{t`Result`}</Table.Th>
            <Table.Th ta="right">{t`Lowest`}</Table.Th>
            <Table.Th ta="right">{t`Highest`}</Table.Th>
            <Table.Th ta="right">{t`SD`}</Table.Th>
          </Table.Tr>
        </Table.Thead>
        <Table.Tbody>
          {how.spread.map(({ measure, label, lowest, highest, sd }) => (
            <Table.Tr key={`${measure} ${label}`}>
              <Table.Td>{label ?? t`all`}</Table.Td>
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
  return OF_UNIT.includes(measure) ? decimal(Number(value.toPrecision(3)).toString()) : score(value);
}
