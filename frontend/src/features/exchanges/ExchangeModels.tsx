import { plural, t } from "@lingui/core/macro";
import { Trans } from "@lingui/react/macro";
import { Group, Paper, Stack, Text } from "@mantine/core";
import { useDebouncedValue } from "@mantine/hooks";
import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { Link } from "react-router";
import { type ExchangeSearch, exchangeModelsQuery, PAGE_SIZE } from "@/api/exchanges";
import type { Exchange, ExchangeModel } from "@/api/types";
import { Chip } from "@/components/Chip";
import { Problem } from "@/components/Note";
import { Empty, Loading } from "@/components/Page";
import { Pager } from "@/components/Pager";
import { bytes } from "@/lib/format";
import { exchangePath } from "@/lib/paths";
import { ExchangeFilters, NO_FILTER } from "./ExchangeFilters";
import { SignatureChip } from "./SignatureChip";
import { testText } from "./words";

/** What an exchange offers, searched and filtered. */
export function ExchangeModels({ exchange }: { exchange: Exchange }) {
  const [search, setSearch] = useState<ExchangeSearch>(NO_FILTER);
  const [settled] = useDebouncedValue(search, 250);
  const models = useQuery(exchangeModelsQuery(exchange.id, settled));
  const change = (part: Partial<ExchangeSearch>) => setSearch((all) => ({ ...all, page: 1, ...part }));
  const filtered = JSON.stringify({ ...settled, page: 1, order: "best" }) !== JSON.stringify(NO_FILTER);
  return (
    <Stack gap="md">
      <ExchangeFilters search={search} onChange={change} />
      <Problem error={models.error} title={t`The models cannot be shown`} />
      {models.isPending && <Loading label={t`Loading models`} />}
      {models.data?.total === 0 && (
        <Empty title={filtered ? t`No model fits` : t`No model here yet`}>
          {filtered
            ? t`Ask for less, or clear a field.`
            : exchange.access === "read_write"
              ? t`Publish one: open a model of a project and choose “Publish in an exchange”.`
              : t`Nobody has published a model in this folder, or it could not be read yet.`}
        </Empty>
      )}
      {models.data && models.data.total > 0 && (
        <>
          <Stack
            component="ul"
            gap="sm"
            p={0}
            m={0}
            style={{ listStyle: "none" }}
            aria-label={t`Models of the exchange`}
          >
            {models.data.items.map((model) => (
              <Row key={model.place} exchangeId={exchange.id} model={model} />
            ))}
          </Stack>
          <Pager
            page={search.page}
            size={PAGE_SIZE}
            total={models.data.total}
            onChange={(page) => change({ page })}
            noun={plural(models.data.total, { one: "model", other: "models" })}
          />
        </>
      )}
    </Stack>
  );
}

/** The address of the page of a model in an exchange. */
export function modelPath(exchangeId: string, model: ExchangeModel): string {
  return model.bare
    ? exchangePath(exchangeId, "files", model.name)
    : exchangePath(exchangeId, "models", model.slug, String(model.version));
}

function Row({ exchangeId, model }: { exchangeId: string; model: ExchangeModel }) {
  const { publisher, licence } = model;
  const version = model.version ?? "–";
  const origin = model.bare
    ? t`A bare ONNX file that nobody has signed`
    : t`Version ${version} by ${publisher}, ${licence}`;
  return (
    <Paper component="li" withBorder p="md">
      <Group justify="space-between" align="flex-start" gap="md">
        <div style={{ minWidth: 0, flex: "1 1 300px" }}>
          <Link className="row-link" to={modelPath(exchangeId, model)}>
            {model.name}
          </Link>
          <Text size="sm" c="dimmed" style={{ overflowWrap: "anywhere" }}>
            {model.why || `${model.labels.slice(0, 12).join(", ")}${model.labels.length > 12 ? " …" : ""}`}
          </Text>
          <Text size="sm" c="dimmed" style={{ overflowWrap: "anywhere" }}>
            {model.lineage[0] ? t`${origin}, made from “${{ base: model.lineage[0].name }}”` : origin}
          </Text>
          <Group gap={6} mt={6}>
            <SignatureChip model={model} />
            {model.here.length > 0 && (
              <Chip tone="good">
                <Trans>already here</Trans>
              </Chip>
            )}
            {model.withdrawn && (
              <Chip tone="bad">
                <Trans>withdrawn</Trans>
              </Chip>
            )}
            {!model.newest && !model.withdrawn && (
              <Chip tone="calm">
                <Trans>older version</Trans>
              </Chip>
            )}
          </Group>
        </div>
        <Stack gap={2}>
          <Text fw={600} size="sm" className="numbers">
            {testText(model)}
          </Text>
          <Text size="sm" c="dimmed" className="numbers">
            {bytes(model.size)}
          </Text>
        </Stack>
      </Group>
    </Paper>
  );
}
