import { t } from "@lingui/core/macro";
import { Trans } from "@lingui/react/macro";
import { SimpleGrid, Stack, Table, Text } from "@mantine/core";
import type { TargetResult } from "@/api/types";
import { Section } from "@/components/Page";
import { region } from "@/language/language";
import { decimals, signed } from "@/lib/format";
import { BlandAltmanChart, ScatterChart } from "./AgreementCharts";
import { limitsOfAgreement } from "./agreement";
import { withInterval } from "./estimate";

function limitsText(low: string, high: string, intervals: readonly [string, string] | null): string {
  if (!intervals)
    return t`Predicted minus measured lies between ${low} and ${high} for about 95 of 100 recordings (limits of agreement: bias ± 1.96 SD).`;
  const [ofLow, ofHigh] = intervals;
  return t`Predicted minus measured lies between ${low} and ${high} for about 95 of 100 recordings (limits of agreement: bias ± 1.96 SD; with 95 % intervals ${ofLow} and ${ofHigh}).`;
}

/** Measured and predicted values of one target, drawn and as a table. */
export function TargetAgreement({ target }: { target: TargetResult }) {
  const digits = decimals(target.sd);
  const limits = limitsOfAgreement(target);
  const [lower, upper] = [target.lower_limit, target.upper_limit];
  const intervals =
    typeof lower?.low === "number" && typeof upper?.low === "number"
      ? ([withInterval(lower, digits), withInterval(upper, digits)] as const)
      : null;
  if (target.points.length === 0) return null;
  const { label } = target;
  const nShown = target.points.length;
  const nAll = target.support.toLocaleString(region());
  return (
    <Section title={t`${label}: predicted and measured`}>
      <Text size="sm">
        <Trans>
          Each dot is a recording. In the first plot, dots on the line are predicted exactly as measured. The second
          (Bland–Altman) shows the difference: if dots fall from left to right, low values are predicted too high and
          high values too low.
        </Trans>
      </Text>
      <SimpleGrid cols={{ base: 1, md: 2 }} spacing="lg">
        <ScatterChart target={target} digits={digits} />
        <BlandAltmanChart target={target} digits={digits} />
      </SimpleGrid>
      <Text size="sm">
        {limits && `${limitsText(signed(limits.low, digits), signed(limits.high, digits), intervals)} `}
        {nShown < target.support && t`${nShown} of ${nAll} recordings are shown.`}
      </Text>
      <details>
        <summary>
          <Trans>Show as a table</Trans>
        </summary>
        <Stack mt="xs">
          <Table.ScrollContainer minWidth={320} maxHeight={360} scrollAreaProps={{ viewportProps: { tabIndex: 0 } }}>
            <Table className="numbers" aria-label={t`Measured and predicted: ${label}`} maw={520}>
              <Table.Thead>
                <Table.Tr>
                  <Table.Th ta="right">
                    <Trans>Measured</Trans>
                  </Table.Th>
                  <Table.Th ta="right">
                    <Trans>Predicted</Trans>
                  </Table.Th>
                  <Table.Th ta="right">
                    <Trans>Difference</Trans>
                  </Table.Th>
                </Table.Tr>
              </Table.Thead>
              <Table.Tbody>
                {[...target.points]
                  .sort(([a], [b]) => a - b)
                  .map(([truth, predicted], index) => (
                    // biome-ignore lint/suspicious/noArrayIndexKey: recordings may have equal values, and rows never move
                    <Table.Tr key={index}>
                      <Table.Td ta="right">{signed(truth, digits)}</Table.Td>
                      <Table.Td ta="right">{signed(predicted, digits)}</Table.Td>
                      <Table.Td ta="right">{signed(predicted - truth, digits)}</Table.Td>
                    </Table.Tr>
                  ))}
              </Table.Tbody>
            </Table>
          </Table.ScrollContainer>
        </Stack>
      </details>
    </Section>
  );
}
