import { t } from "@lingui/core/macro";
import { Trans } from "@lingui/react/macro";
import { Anchor, Breadcrumbs, Group, Stack, Text } from "@mantine/core";
import { useQuery, useQueryClient } from "@tanstack/react-query";
import { Link, useMatches } from "react-router";
import { accountQuery } from "@/api/account";
import { askAgain } from "@/api/otherTabs";
import { projectQuery } from "@/api/projects";
import { ButtonLink, TextLink } from "@/components/ButtonLink";
import { CannotShow } from "@/components/CannotShow";
import { Chip } from "@/components/Chip";
import { Icon } from "@/components/icons";
import { OutletIfMay } from "@/components/May";
import { Loading } from "@/components/Page";
import { useProjectId } from "@/components/useProjectId";
import { DemoProgress } from "@/features/projects/DemoProgress";
import { projectPath } from "@/lib/paths";
import { type Place, STEPS } from "./places";

/** Name, steps and breadcrumbs of one project. */
export function ProjectShell() {
  const projectId = useProjectId();
  const queries = useQueryClient();
  const project = useQuery(projectQuery(projectId));
  const place = useMatches()
    .map((match) => match.handle as Place | undefined)
    .findLast((handle) => handle !== undefined);
  const step = STEPS.find((candidate) => candidate.path === place?.step);

  if (project.isPending) return <Loading label={t`Loading project`} />;
  if (project.isError) {
    return (
      <CannotShow
        title={t`The project cannot be shown`}
        error={project.error}
        action={<ButtonLink to="/">{t`Back to projects`}</ButtonLink>}
      />
    );
  }
  const base = projectPath(projectId);
  return (
    <Stack gap="lg">
      <Group justify="space-between" gap="6px 16px">
        <nav aria-label={t`Breadcrumbs`}>
          <Breadcrumbs separatorMargin={6} style={{ flexWrap: "wrap" }}>
            <Crumb to="/" text={t`Projects`} />
            <Crumb to={`${base}/overview`} text={project.data.name} />
            {step &&
              (place?.crumb ? <Crumb to={`${base}/${step.path}`} text={step.title} /> : <Here text={step.title} />)}
            {place?.crumb && <Here text={place.crumb} />}
          </Breadcrumbs>
        </nav>
        <Group gap="6px 16px">
          {project.data.simulated && (
            <Chip tone="info" icon="info">
              <Trans>Simulated ECGs, no patients</Trans>
            </Chip>
          )}
          <AccessLink projectId={projectId} />
        </Group>
      </Group>
      <nav
        aria-label={t`Steps of the project`}
        className="steps"
        style={{ borderBottom: "1px solid var(--mantine-color-default-border)" }}
      >
        <Link
          to={`${base}/overview`}
          className="step"
          aria-label={t`Overview`}
          aria-current={place?.step === "overview" ? "page" : undefined}
        >
          <Icon name="home" />
          <span className="not-on-phones">{t`Overview`}</span>
        </Link>
        {STEPS.map(({ path, title }, index) => (
          <Link
            key={path}
            to={`${base}/${path}`}
            className="step"
            aria-current={step?.path === path ? "page" : undefined}
            // Who is there already wants to see what others have done meanwhile.
            onClick={() => step?.path === path && !place?.crumb && askAgain(queries, projectId)}
          >
            <span className="step-number" aria-hidden="true">
              {index + 1}
            </span>
            {title}
          </Link>
        ))}
      </nav>
      <DemoProgress projectId={projectId} />
      <OutletIfMay of="project" />
    </Stack>
  );
}

/** The way to the members of the project, where there are any, and to the erasure of patients. */
function AccessLink({ projectId }: { projectId: string }) {
  const account = useQuery(accountQuery());
  return (
    <TextLink to={projectPath(projectId, "privacy")}>
      {account.data?.mode === "server" ? t`Access and privacy` : t`Privacy`}
    </TextLink>
  );
}

function Crumb({ to, text }: { to: string; text: string }) {
  return (
    <Anchor
      size="sm"
      renderRoot={(props) => <Link to={to} {...props} />}
      style={{ overflowWrap: "anywhere", whiteSpace: "normal" }}
    >
      {text}
    </Anchor>
  );
}

function Here({ text }: { text: string }) {
  return (
    <Text size="sm" c="dimmed" aria-current="page">
      {text}
    </Text>
  );
}
