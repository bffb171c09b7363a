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
  const over = single ? "" : ", mean over values";
  return (
    <div>
      <SimpleGrid cols={{ base: 1, xs: 2, md: single ? 4 : 2 }}>
        {single && <Measure measure="mae" estimate={single.mae} digits={digits} />}
        {single && <Measure measure="bias" estimate={single.bias} digits={digits} />}
        <Measure measure="r2" over={over} estimate={evaluation.macro_r2} digits={2} />
        <Measure measure="pearson" over={over} estimate={evaluation.macro_pearson} digits={2} />
      </SimpleGrid>
      <MeasuredOn of={evaluation}>{single && ` Errors are in the unit of “${single.label}”.`}</MeasuredOn>
    </div>
  );
}

type Props = { measure: keyof typeof MEASURES; over?: string; estimate: Estimate; digits: number };

function Measure({ measure, over = "", estimate, digits }: Props) {
  const { title, help } = MEASURES[measure];
  return (
    <Score
      name={title + over}
      about={title}
      value={estimate.value === null ? "–" : signed(estimate.value, digits)}
      interval={intervalOf(estimate, digits)}
      withheld={estimate.withheld}
    >
      {help}
    </Score>
  );
}
