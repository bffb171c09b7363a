import { plural, t } from "@lingui/core/macro";
import { Button, Popover } from "@mantine/core";
import { lazy, Suspense, useState } from "react";
import { isOver } from "@/api/jobs";
import { Icon } from "@/components/icons";
import { Loading } from "@/components/Page";
import { region } from "@/language/language";
import { useTray } from "./useTray";

const TrayPanel = lazy(async () => ({ default: (await import("./TrayPanel")).TrayPanel }));

const endedSince = (n: number) =>
  plural(n, { one: "# job ended since you last looked", other: "# jobs ended since you last looked" });

/** The way to the jobs of all projects, on every page; it says how many go on, and how many have ended since one looked. */
export function TrayButton() {
  const { jobs, fresh, look } = useTray();
  const [open, setOpen] = useState(false);
  const going = jobs.filter((job) => !isOver(job)).length;
  const change = (next: boolean) => {
    setOpen(next);
    look();
  };
  const number = going.toLocaleString(region());
  const said = [t`Jobs`, going > 0 && t`${number} going on`, fresh > 0 && endedSince(fresh)];
  return (
    <Popover
      opened={open}
      onChange={change}
      width="min(420px, calc(100vw - 16px))"
      position="bottom-end"
      shadow="md"
      trapFocus
    >
      <Popover.Target>
        <Button
          variant="default"
          px={10}
          aria-label={said.filter(Boolean).join(": ")}
          onClick={() => change(!open)}
          leftSection={<Icon name="clock" />}
          styles={{ section: { marginInlineEnd: going || fresh ? 8 : 0 } }}
          rightSection={fresh > 0 && !open ? <span className="dot" /> : undefined}
        >
          {going > 0 ? number : ""}
        </Button>
      </Popover.Target>
      <Popover.Dropdown aria-label={t`Jobs`}>
        <Suspense fallback={<Loading lines={3} label={t`Loading jobs`} />}>
          <TrayPanel jobs={jobs} onGo={() => setOpen(false)} />
        </Suspense>
      </Popover.Dropdown>
    </Popover>
  );
}
