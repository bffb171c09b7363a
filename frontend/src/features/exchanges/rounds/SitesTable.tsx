import { t } from "@lingui/core/macro";
import { Trans } from "@lingui/react/macro";
import { Table, Text } from "@mantine/core";
import type { RoundSite } from "@/api/types";
import { Chip } from "@/components/Chip";
import { region } from "@/language/language";
import { siteText } from "./words";

/** The sites of a round: who they are, how many recordings stand behind what they sent, what became of it. */
export function SitesTable({ sites, merged }: { sites: RoundSite[]; merged: boolean }) {
  return (
    <Table.ScrollContainer minWidth={300}>
      <Table verticalSpacing={6}>
        <Table.Thead>
          <Table.Tr>
            <Table.Th>
              <Trans>Site</Trans>
            </Table.Th>
            <Table.Th ta="right">
              <Trans>ECGs</Trans>
            </Table.Th>
            <Table.Th>
              <Trans>State</Trans>
            </Table.Th>
          </Table.Tr>
        </Table.Thead>
        <Table.Tbody>
          {sites.map((site) => {
            const said = siteText(site, merged);
            return (
              <Table.Tr key={site.fingerprint}>
                <Table.Td>
                  <Text size="sm" fw={600} style={{ overflowWrap: "anywhere" }}>
                    {site.own ? t`${{ name: site.name || t`unnamed` }} (you)` : site.name || t`unnamed`}
                  </Text>
                  <Text size="xs" c="dimmed" className="fingerprint">
                    {site.fingerprint}
                  </Text>
                </Table.Td>
                <Table.Td ta="right">{site.recordings?.toLocaleString(region()) ?? "–"}</Table.Td>
                <Table.Td>
                  {said.text.length < 30 ? (
                    <Chip tone={said.tone}>{said.text}</Chip>
                  ) : (
                    <Text size="sm">{said.text}</Text>
                  )}
                </Table.Td>
              </Table.Tr>
            );
          })}
        </Table.Tbody>
      </Table>
    </Table.ScrollContainer>
  );
}
