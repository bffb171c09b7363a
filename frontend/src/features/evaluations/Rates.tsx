import { t } from "@lingui/core/macro";
import { Table, Text } from "@mantine/core";
import type { ReactNode } from "react";
import type { ClassResult } from "@/api/types";
import { digitsOfPercent, percent, percentPlain } from "@/lib/format";
import { FEW, tooFew } from "./few";
import { asRate, type Cells, type Effective, predictiveValues, type Rate, ratesOf } from "./operating";
import classes from "./Rates.module.css";

type Props = {
  cells: Cells;
  /** How many independent records each rate rests on, where patients have several. */
  effective?: Effective | null;
  /** Share of the people who have it, null: as in the dataset. */
  prevalence: number | null;
  /** Patients with the label and without it: where they are too few, their numbers are withheld. */
  patients: { present: number; absent: number };
  /** At the model's own threshold: what the platform has measured, with intervals by patient, as in the report. */
  measured?: Pick<ClassResult, "recall" | "specificity" | "precision" | "npv"> | undefined;
};

/** Sensitivity and its kin at a threshold. */
export function Rates({ cells, effective = null, prevalence, patients, measured }: Props) {
  const counted = ratesOf(cells, effective);
  const rates = measured
    ? {
        sensitivity: asRate(measured.recall) ?? counted.sensitivity,
        specificity: asRate(measured.specificity) ?? counted.specificity,
        ppv: asRate(measured.precision) ?? counted.ppv,
        npv: asRate(measured.npv) ?? counted.npv,
        prevalence: counted.prevalence,
      }
    : counted;
  const digits = digitsOfPercent(patients.present + patients.absent);
  const fewest = Math.min(patients.present, patients.absent);
  const elsewhere = prevalence === null ? null : predictiveValues(rates.sensitivity, rates.specificity, prevalence);
  const share = percent(rates.prevalence ?? 0, digits);
  const here = rates.prevalence === null ? "" : t`in this dataset (${share} have it)`;
  const values = elsewhere ?? rates;
  const where = (found: Rate | null) => {
    if (prevalence === null) return here;
    const common = percentPlain(prevalence);
    return `${t`where ${common} have it`}; ${fewest < FEW ? "" : `${withInterval(found, digits)} `}${here}`;
  };
  return (
    <Table className="numbers" aria-label={t`Rates at this threshold`}>
      <Table.Tbody>
        <Row
          name={t`Sensitivity`}
          value={shown(rates.sensitivity, digits, patients.present)}
          about={t`of those with it, found`}
        />
        <Row
          name={t`Specificity`}
          value={shown(rates.specificity, digits, patients.absent)}
          about={t`of those without it, not told to have it`}
        />
        {fewest > 0 && (
          <>
            <Row
              name="PPV"
              value={shown(values.ppv, digits, fewest)}
              about={`${t`of those told to have it, have it`}; ${where(rates.ppv)}`}
            />
            <Row
              name="NPV"
              value={shown(values.npv, digits, fewest)}
              about={`${t`of the others, do not have it`}; ${where(rates.npv)}`}
            />
          </>
        )}
      </Table.Tbody>
    </Table>
  );
}

function Row({ name, value, about }: { name: string; value: ReactNode; about: string }) {
  return (
    <Table.Tr>
      <Table.Th scope="row">
        {name}
        <Text size="xs" c="dimmed" fw={400}>
          {about}
        </Text>
      </Table.Th>
      <Table.Td ta="right" className={classes.value}>
        {value}
      </Table.Td>
    </Table.Tr>
  );
}

/** A rate, and in brackets its interval, which goes below it where there is little room. */
function shown(found: Rate | null, digits: number, patients: number): ReactNode {
  if (!found) return "–";
  if (patients < FEW) return tooFew(patients);
  const [low, high] = [percent(found.low, digits), percent(found.high, digits)];
  return (
    <>
      <span>{percent(found.value, digits)}</span> <span>{t`(${low} to ${high})`}</span>
    </>
  );
}

function withInterval(found: Rate | null, digits: number): string {
  if (!found) return "–";
  const value = percent(found.value, digits);
  const [low, high] = [percent(found.low, digits), percent(found.high, digits)];
  return t`${value} (${low} to ${high})`;
}
