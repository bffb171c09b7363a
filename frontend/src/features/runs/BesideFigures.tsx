import { plural, t } from "@lingui/core/macro";
import { Trans } from "@lingui/react/macro";
import { Stack, Table, Text } from "@mantine/core";
import type { RunBeside, RunsSideBySide } from "@/api/types";
import { ButtonLink, TextLink } from "@/components/ButtonLink";
import { Note, Notes } from "@/components/Note";
import { Section } from "@/components/Page";
import { projectPath } from "@/lib/paths";
import { BesideHead } from "./BesideHead";
import { figureText, figureTitle } from "./sideBySide";

/** How good the models are, with what may be compared of that; figures of other recordings stand side by side only. */
export function BesideFigures({ projectId, found }: { projectId: string; found: RunsSideBySide }) {
  const { runs, figures, tested, text } = found;
  return (
    <Section title={t`Results of the test`}>
      <Compared projectId={projectId} tested={tested} text={text} />
      <Table.ScrollContainer minWidth={200 + 170 * runs.length} scrollAreaProps={{ viewportProps: { tabIndex: 0 } }}>
        <Table className="numbers" aria-label={t`Results of the test`} style={{ tableLayout: "fixed" }}>
          <BesideHead runs={runs} first={t`Measure (95 % CI)`} />
          <Table.Tbody>
            <Table.Tr>
              <Table.Th scope="row">
                <Trans>Tested on</Trans>
              </Table.Th>
              {runs.map((run) => (
                <Table.Td key={run.id} style={{ overflowWrap: "anywhere" }}>
                  <TestedOn projectId={projectId} run={run} />
                </Table.Td>
              ))}
            </Table.Tr>
            {figures.map((figure) => (
              <Table.Tr key={`${figure.measure} ${figure.label} ${figure.regression}`}>
                <Table.Th scope="row" fw={figure.label === null ? 600 : 400}>
                  {figureTitle(figure)}
                </Table.Th>
                {runs.map((run, place) => (
                  <Table.Td key={run.id}>{figureText(figure.estimates[place], figure.measure, run)}</Table.Td>
                ))}
              </Table.Tr>
            ))}
          </Table.Tbody>
        </Table>
      </Table.ScrollContainer>
    </Section>
  );
}

type Compared = { projectId: string } & Pick<RunsSideBySide, "tested" | "text">;

/** Whether the figures may be compared, and where models are compared in pairs. */
function Compared({ projectId, tested, text }: Compared) {
  if (tested === null) return null;
  if (tested === "same")
    return (
      <Stack gap="xs">
        <Notes tone="info" notes={text} title={t`Tested on the same recordings`} />
        <Text size="sm">
          <Trans>
            Models are compared in pairs by <TextLink to={projectPath(projectId, "comparisons")}>Which model?</TextLink>
          </Trans>
        </Text>
      </Stack>
    );
  return (
    <Note
      tone="warn"
      title={t`These figures must not be compared`}
      action={
        <ButtonLink size="sm" variant="default" to={projectPath(projectId, "comparisons")}>
          <Trans>Which model?</Trans>
        </ButtonLink>
      }
    >
      {text.map((one) => (
        <div key={one}>{one}</div>
      ))}
      <Trans>To know which model is better, have them compared in pairs on the same recordings.</Trans>
    </Note>
  );
}

function TestedOn({ projectId, run }: { projectId: string; run: RunBeside }) {
  const { n_tested: n, n_patients: patients, model_id: modelId, no_figures: why } = run;
  if (n === null) return why;
  return (
    <>
      {plural(n, { one: "# recording", other: "# recordings" })}
      {patients !== null && `, ${plural(patients, { one: "# patient", other: "# patients" })}`}
      {run.cross_validated && <div>{t`cross-validated`}</div>}
      {modelId && (
        <div>
          <TextLink to={projectPath(projectId, "models", modelId)}>
            <Trans>Open the model</Trans>
          </TextLink>
        </div>
      )}
    </>
  );
}
