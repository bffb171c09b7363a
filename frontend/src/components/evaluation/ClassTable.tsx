import { Table } from "@mantine/core";
import { Section } from "@/components/Page";
import { type Evaluation, written } from "@/lib/evaluation";
import { score } from "@/lib/format";

/** How well each label is told. */
export function ClassTable({ evaluation }: { evaluation: Evaluation }) {
  const multi = evaluation.task === "multi_label";
  return (
    <Section title="Label by label">
      <Table.ScrollContainer minWidth={720} scrollAreaProps={{ viewportProps: { tabIndex: 0 } }}>
        <Table className="numbers" aria-label="Results label by label">
          <Table.Thead>
            <Table.Tr>
              <Table.Th>Label</Table.Th>
              <Table.Th ta="right">Recordings</Table.Th>
              <Table.Th ta="right">Precision</Table.Th>
              <Table.Th ta="right">Recall</Table.Th>
              <Table.Th ta="right">F1 (95 % interval)</Table.Th>
              <Table.Th ta="right">AUROC (95 % interval)</Table.Th>
              {multi && <Table.Th ta="right">Threshold</Table.Th>}
            </Table.Tr>
          </Table.Thead>
          <Table.Tbody>
            {evaluation.classes.map((item, index) => (
              <Table.Tr key={item.label}>
                <Table.Td style={{ overflowWrap: "anywhere", minWidth: 96 }}>{item.label}</Table.Td>
                <Table.Td ta="right">{item.support.toLocaleString("en")}</Table.Td>
                <Table.Td ta="right">{score(item.precision.value)}</Table.Td>
                <Table.Td ta="right">{score(item.recall.value)}</Table.Td>
                <Table.Td ta="right">{written(item.f1)}</Table.Td>
                <Table.Td ta="right">{written(item.auroc)}</Table.Td>
                {multi && <Table.Td ta="right">{score(evaluation.thresholds[index], 2)}</Table.Td>}
              </Table.Tr>
            ))}
          </Table.Tbody>
        </Table>
      </Table.ScrollContainer>
    </Section>
  );
}
