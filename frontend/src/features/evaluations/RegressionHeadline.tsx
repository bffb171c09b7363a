import { t } from "@lingui/core/macro";
import { SimpleGrid } from "@mantine/core";
import type { Estimate, RegressionEvaluation } from "@/api/types";
import { decimals, signed } from "@/lib/format";
import { intervalOf } from "./estimate";
import { MEASURES } from "./measures";
import { MeasuredOn, Score } from "./Score";

/** The few numbers that say most: of a single value also the errors in its unit, which have no mean over several. */
export function RegressionHeadline({ evaluation }: { evaluation: RegressionEvaluation }) {
  const [target, ...others] = evaluation.targets;
  const single = others.length === 0 ? target : undefined;
  const digits = decimals(single?.sd ?? null);
  const label = single?.label ?? "";
  return (
    <div>
      <SimpleGrid cols={{ base: 1, xs: 2, md: single ? 4 : 2 }}>
        {single && <Measure measure="mae" estimate={single.mae} digits={digits} />}
        {single && <Measure measure="bias" estimate={single.bias} digits={digits} />}
        <Measure measure="r2" mean={!single} estimate={evaluation.macro_r2} digits={2} />
        <Measure measure="pearson" mean={!single} estimate={evaluation.macro_pearson} digits={2} />
      </SimpleGrid>
      <MeasuredOn of={evaluation}>{single && ` ${t`Errors are in the unit of “${label}”.`}`}</MeasuredOn>
    </div>
  );
}

type Props = { measure: keyof typeof MEASURES; mean?: boolean; estimate: Estimate; digits: number };

function Measure({ measure, mean = false, estimate, digits }: Props) {
  const { title, help } = MEASURES[measure];
  return (
    <Score
      name={mean ? t`${title}, mean over values` : title}
      about={title}
      value={estimate.value === null ? "–" : signed(estimate.value, digits)}
      interval={intervalOf(estimate, digits)}
      withheld={estimate.withheld}
    >
      {help}
    </Score>
  );
}
