import { t } from "@lingui/core/macro";
import { Plural, Trans } from "@lingui/react/macro";
import { Paper, Stack, Table, Text } from "@mantine/core";
import type { RouterReport } from "@/api/types";
import { Note } from "@/components/Note";
import { Section } from "@/components/Page";
import { region } from "@/language/language";
import { fixed, percent } from "@/lib/format";

const TITLES: Record<string, string> = {
  xception_time: "XceptionTime",
  inception_time: "InceptionTime",
  xresnet1d: t`Residual network`,
  transformer: "Transformer",
};

/** Which experts of a sparse network saw the ECGs; nothing of other networks. `by` says what the labels of its rows are. */
export function Routes({ report, by }: { report: RouterReport | null | undefined; by: "true" | "predicted" }) {
  if (!report) return null;
  const named = (name: string) => TITLES[name] ?? name;
  const { n } = report;
  const nExperts = report.experts.length;
  const always = report.always_on === "xresnet1d" ? t`residual network` : named(report.always_on);
  const [effective, evenness, ofOneEcg] = [
    fixed(report.effective_experts, 1),
    percent(report.share_entropy, 0),
    percent(report.ecg_entropy, 0),
  ];
  const rows = [{ label: t`All`, n: report.n, shares: report.shares }, ...report.by_label];
  return (
    <Paper withBorder p="md">
      <Section title={t`Experts that saw the ECGs`}>
        <Stack gap="sm">
          {report.alarm && (
            <Note tone="warn" title={t`One expert takes nearly all`}>
              {report.alarm}
            </Note>
          )}
          <Text size="sm" maw={760}>
            {report.always_on
              ? t`The ${always} sees every ECG; a router adds one of ${nExperts} experts.`
              : t`A router chooses two of ${nExperts} experts for each ECG.`}{" "}
            {by === "true"
              ? t`The shares say how often each is chosen, by true label.`
              : t`The shares say how often each is chosen, by predicted label.`}
          </Text>
          <Table.ScrollContainer minWidth={420} scrollAreaProps={{ viewportProps: { tabIndex: 0 } }}>
            <Table
              className="numbers"
              aria-label={by === "true" ? t`Experts by true label` : t`Experts by predicted label`}
              maw={720}
            >
              <Table.Thead>
                <Table.Tr>
                  <Table.Th>{by === "true" ? t`True label` : t`Predicted label`}</Table.Th>
                  <Table.Th ta="right">
                    <Trans>Recordings</Trans>
                  </Table.Th>
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
            <Trans>
              <Plural value={n} one="# recording" other="# recordings" />. Effective number of experts {effective} of{" "}
              {nExperts}; evenness of the shares {evenness}, of the experts of one ECG {ofOneEcg} (entropy, of the
              largest possible).
            </Trans>
          </Text>
        </Stack>
      </Section>
    </Paper>
  );
}
