import { t } from "@lingui/core/macro";
import { Trans } from "@lingui/react/macro";
import { Table } from "@mantine/core";
import type { EvaluatedRecording, ModelEvaluationDetail } from "@/api/types";
import { digitsApart, percent, valueText } from "@/lib/format";

const SHOWN = 6;

/** What the table says of a recording beside what the model says: the label in question first, then the likeliest. */
export function KnownAndPredicted({
  evaluation,
  row,
  label,
}: {
  evaluation: ModelEvaluationDetail;
  row: EvaluatedRecording;
  label: string;
}) {
  const values = evaluation.task === "regression";
  const lines = evaluation.labels
    .map((name, index) => ({
      name,
      truth: row.truth[index] ?? null,
      output: row.outputs[index] ?? 0,
      at: evaluation.thresholds[index] ?? 0.5,
    }))
    .sort((a, b) => rank(b, label) - rank(a, label))
    .slice(0, SHOWN);
  return (
    <Table className="numbers" verticalSpacing={2} aria-label={t`Known and predicted`}>
      <Table.Thead>
        <Table.Tr>
          <Table.Th>{values ? t`Value` : t`Label`}</Table.Th>
          <Table.Th>{values ? t`Measured` : t`In the table`}</Table.Th>
          <Table.Th ta="right">{values ? t`Predicted` : t`Output`}</Table.Th>
          {!values && (
            <Table.Th>
              <Trans>Predicted</Trans>
            </Table.Th>
          )}
        </Table.Tr>
      </Table.Thead>
      <Table.Tbody>
        {lines.map(({ name, truth, output, at }) => (
          <Table.Tr key={name} fw={name === label ? 650 : undefined}>
            <Table.Td className="name">{name}</Table.Td>
            <Table.Td>
              {truth === null ? t`not known` : values ? valueText(truth) : truth === 1 ? t`present` : t`absent`}
            </Table.Td>
            <Table.Td ta="right">{values ? valueText(output) : percent(output, digitsApart(output, at))}</Table.Td>
            {!values && <Table.Td>{told(row, name)}</Table.Td>}
          </Table.Tr>
        ))}
      </Table.Tbody>
    </Table>
  );
}

function told({ predicted, left_open }: EvaluatedRecording, name: string): string {
  const yes = predicted.includes(name);
  if (!(left_open ?? []).includes(name)) return yes ? t`yes` : t`no`;
  return yes ? t`left open (by the threshold yes)` : t`left open (by the threshold no)`;
}

function rank({ name, truth, output }: { name: string; truth: number | null; output: number }, label: string): number {
  return (name === label ? 4 : 0) + (truth === 1 ? 2 : 0) + Math.min(1, Math.max(0, output));
}
