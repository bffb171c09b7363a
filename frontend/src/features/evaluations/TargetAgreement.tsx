import { SimpleGrid, Stack, Table, Text } from "@mantine/core";
import type { TargetResult } from "@/api/types";
import { Section } from "@/components/Page";
import { region } from "@/language/language";
import { decimals, signed } from "@/lib/format";
import { BlandAltmanChart, ScatterChart } from "./AgreementCharts";
import { limitsOfAgreement } from "./agreement";
import { withInterval } from "./estimate";

/** Measured and predicted values of one target, drawn and as a table. */
export function TargetAgreement({ target }: { target: TargetResult }) {
  const digits = decimals(target.sd);
  const limits = limitsOfAgreement(target);
  const [lower, upper] = [target.lower_limit, target.upper_limit];
  const intervals =
    typeof lower?.low === "number" && typeof upper?.low === "number"
      ? `; with 95 % intervals ${withInterval(lower, digits)} and ${withInterval(upper, digits)}`
      : "";
  if (target.points.length === 0) return null;
  return (
    <Section title={`${target.label}: predicted and measured`}>
      <Text size="sm">
        Each dot is a recording. In the first plot, dots on the line are predicted exactly as measured. The second
        (Bland–Altman) shows the difference: if dots fall from left to right, low values are predicted too high and high
        values too low.
      </Text>
      <SimpleGrid cols={{ base: 1, md: 2 }} spacing="lg">
        <ScatterChart target={target} digits={digits} />
        <BlandAltmanChart target={target} digits={digits} />
      </SimpleGrid>
      <Text size="sm">
        {limits &&
          `Predicted minus measured lies between ${signed(limits.low, digits)} and ${signed(limits.high, digits)} for about 95 of 100 recordings (limits of agreement: bias ± 1.96 SD${intervals}). `}
        {target.points.length < target.support &&
          `${target.points.length} of ${target.support.toLocaleString(region())} recordings are shown.`}
      </Text>
      <details>
        <summary>Show as a table</summary>
        <Stack mt="xs">
          <Table.ScrollContainer minWidth={320} maxHeight={360} scrollAreaProps={{ viewportProps: { tabIndex: 0 } }}>
            <Table className="numbers" aria-label={`Measured and predicted: ${target.label}`} maw={520}>
              <Table.Thead>
                <Table.Tr>
                  <Table.Th ta="right">Measured</Table.Th>
                  <Table.Th ta="right">Predicted</Table.Th>
                  <Table.Th ta="right">Difference</Table.Th>
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
