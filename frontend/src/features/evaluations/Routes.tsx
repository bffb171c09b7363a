import { Paper, Stack, Table, Text } from "@mantine/core";
import type { RouterReport } from "@/api/types";
import { Note } from "@/components/Note";
import { Section } from "@/components/Page";
import { region } from "@/language/language";
import { count, percent } from "@/lib/format";

const TITLES: Record<string, string> = {
  xception_time: "XceptionTime",
  inception_time: "InceptionTime",
  xresnet1d: "Residual network",
  transformer: "Transformer",
};

/** Which experts of a sparse network saw the ECGs; nothing of other networks. `by` says what the labels of its rows are. */
export function Routes({ report, by }: { report: RouterReport | null | undefined; by: "true" | "predicted" }) {
  if (!report) return null;
  const named = (name: string) => TITLES[name] ?? name;
  const rows = [{ label: "All", n: report.n, shares: report.shares }, ...report.by_label];
  return (
    <Paper withBorder p="md">
      <Section title="Experts that saw the ECGs">
        <Stack gap="sm">
          {report.alarm && (
            <Note tone="warn" title="One expert takes nearly all">
              {report.alarm}
            </Note>
          )}
          <Text size="sm" maw={760}>
            {report.always_on
              ? `The ${named(report.always_on).toLowerCase()} sees every ECG; a router adds one of ${report.experts.length} experts.`
              : `A router chooses two of ${report.experts.length} experts for each ECG.`}{" "}
            The shares say how often each is chosen, by {by} label.
          </Text>
          <Table.ScrollContainer minWidth={420} scrollAreaProps={{ viewportProps: { tabIndex: 0 } }}>
            <Table className="numbers" aria-label={`Experts by ${by} label`} maw={720}>
              <Table.Thead>
                <Table.Tr>
                  <Table.Th>{by === "true" ? "True label" : "Predicted label"}</Table.Th>
                  <Table.Th ta="right">Recordings</Table.Th>
                  {report.experts.map((name) => (
                    <Table.Th key={name} ta="right">
                      {named(name)}
                    </Table.Th>
                  ))}
                </Table.Tr>
              </Table.Thead>
              <Table.Tbody>
                {rows.map(({ label, n, shares }, row) => (
                  <Table.Tr key={row === 0 ? "" : `label ${label}`}>
                    <Table.Td className="name">{label}</Table.Td>
                    <Table.Td ta="right">{n.toLocaleString(region())}</Table.Td>
                    {shares.map((share, place) => (
                      <Table.Td key={report.experts[place]} ta="right">
                        {percent(share, 0)}
                      </Table.Td>
                    ))}
                  </Table.Tr>
                ))}
              </Table.Tbody>
            </Table>
          </Table.ScrollContainer>
          <Text size="xs" c="dimmed">
            {count(report.n, "recording")}. Effective number of experts {report.effective_experts.toFixed(1)} of{" "}
            {report.experts.length}; evenness of the shares {percent(report.share_entropy, 0)}, of the experts of one
            ECG {percent(report.ecg_entropy, 0)} (entropy, of the largest possible).
          </Text>
        </Stack>
      </Section>
    </Paper>
  );
}
