import { t } from "@lingui/core/macro";
import { Trans } from "@lingui/react/macro";
import { Switch, Table, Text } from "@mantine/core";
import { Fragment, useState } from "react";
import type { ComparedSetting, RunBeside } from "@/api/types";
import { Section } from "@/components/Page";
import { BesideHead } from "./BesideHead";
import { GROUPS, settingText } from "./sideBySide";

/** In which settings trainings differ; all of them where one asks for it. */
export function BesideSettings({
  runs,
  settings,
}: {
  runs: readonly RunBeside[];
  settings: readonly ComparedSetting[];
}) {
  const [all, setAll] = useState(false);
  const shown = all ? settings : settings.filter(({ differs }) => differs);
  const title = all ? t`All settings` : t`Settings that differ`;
  return (
    <Section
      title={title}
      actions={
        <Switch label={t`Show all settings`} checked={all} onChange={(event) => setAll(event.currentTarget.checked)} />
      }
    >
      {shown.length === 0 ? (
        <Text size="sm">
          <Trans>They do not differ in any setting.</Trans>
        </Text>
      ) : (
        <Table.ScrollContainer minWidth={200 + 170 * runs.length} scrollAreaProps={{ viewportProps: { tabIndex: 0 } }}>
          <Table aria-label={title} style={{ tableLayout: "fixed" }}>
            <BesideHead runs={runs} first={t`Setting`} />
            <Table.Tbody>
              {GROUPS.map(([group, heading]) => {
                const rows = shown.filter((row) => row.group === group);
                return (
                  rows.length > 0 && (
                    <Fragment key={group}>
                      <Table.Tr>
                        <Table.Th colSpan={1 + runs.length} scope="colgroup">
                          {heading}
                        </Table.Th>
                      </Table.Tr>
                      {rows.map((row) => (
                        <Table.Tr key={row.name}>
                          <Table.Th scope="row" fw={400} c="dimmed">
                            {row.title}
                          </Table.Th>
                          {runs.map((run, place) => (
                            <Table.Td key={run.id} style={{ overflowWrap: "anywhere" }}>
                              {settingText(row, place)}
                            </Table.Td>
                          ))}
                        </Table.Tr>
                      ))}
                    </Fragment>
                  )
                );
              })}
            </Table.Tbody>
          </Table>
        </Table.ScrollContainer>
      )}
    </Section>
  );
}
