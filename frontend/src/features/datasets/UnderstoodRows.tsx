import { plural, t } from "@lingui/core/macro";
import { Trans } from "@lingui/react/macro";
import { Group, Stack, Table, Text } from "@mantine/core";
import type { LabelPreview } from "@/api/types";
import { Chip } from "@/components/Chip";
import { Notes } from "@/components/Note";
import { region } from "@/language/language";

/** The first ten rows as they would be understood, and how many rows find their recording. */
export function UnderstoodRows({ preview }: { preview: LabelPreview }) {
  const told = preview.understood;
  if (!told) return null;
  const isRegression = told.task === "regression";
  const matched = told.n_matched.toLocaleString(region());
  return (
    <Stack gap="sm">
      <Group gap="xs">
        <Chip tone={told.n_matched > 0 ? "good" : "warn"} icon={told.n_matched > 0 ? "check" : "alert"}>
          {plural(told.n_rows, {
            one: `${matched} of # row matched to a recording`,
            other: `${matched} of # rows matched to a recording`,
          })}
        </Chip>
        <Text size="sm" c="dimmed">
          {plural(preview.n_recordings, { one: "# recording in the project", other: "# recordings in the project" })} ·{" "}
          {isRegression
            ? plural(told.labels.length, { one: "# value", other: "# values" })
            : plural(told.labels.length, { one: "# label", other: "# labels" })}
        </Text>
      </Group>
      {told.counts.length > 0 && (
        <Text size="sm" className="numbers" style={{ overflowWrap: "anywhere" }}>
          {told.counts.slice(0, 12).map((one, index) => (
            <span key={one.label}>
              {index > 0 && ", "}
              {one.label} ({one.n_rows.toLocaleString(region())})
            </span>
          ))}
          {told.labels.length > 12 && " …"}
        </Text>
      )}
      <Table.ScrollContainer minWidth={0} scrollAreaProps={{ viewportProps: { tabIndex: 0 } }}>
        <Table aria-label={t`The first rows as they are understood`} verticalSpacing={4}>
          <Table.Thead>
            <Table.Tr>
              <Table.Th>
                <Trans>Row</Trans>
              </Table.Th>
              <Table.Th>
                <Trans>Recording</Trans>
              </Table.Th>
              <Table.Th>{isRegression ? told.labels.join(", ") : t`Labels`}</Table.Th>
              {told.rows.some((row) => row.patient_id) && (
                <Table.Th visibleFrom="sm">
                  <Trans>Patient</Trans>
                </Table.Th>
              )}
              {told.rows.some((row) => row.part) && (
                <Table.Th visibleFrom="sm">{preview.choice?.fold ? t`Fold` : t`Split`}</Table.Th>
              )}
            </Table.Tr>
          </Table.Thead>
          <Table.Tbody>
            {told.rows.map((row) => (
              <Table.Tr key={row.row}>
                <Table.Td className="numbers">{row.row}</Table.Td>
                <Table.Td style={{ overflowWrap: "anywhere" }}>
                  {row.recording ?? (
                    <>
                      {row.name}{" "}
                      <Chip tone="warn">
                        <Trans>not matched</Trans>
                      </Chip>
                    </>
                  )}
                </Table.Td>
                <Table.Td style={{ overflowWrap: "anywhere" }}>
                  {isRegression
                    ? row.values.map((value) => value ?? "–").join(", ")
                    : row.labels.join(", ") || t({ message: "none", context: "labels" })}
                </Table.Td>
                {told.rows.some((one) => one.patient_id) && <Table.Td visibleFrom="sm">{row.patient_id}</Table.Td>}
                {told.rows.some((one) => one.part) && <Table.Td visibleFrom="sm">{row.part}</Table.Td>}
              </Table.Tr>
            ))}
          </Table.Tbody>
        </Table>
      </Table.ScrollContainer>
      <Notes notes={told.notes} title={t`Please check`} />
    </Stack>
  );
}
