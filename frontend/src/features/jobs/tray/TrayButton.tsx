import { Button, Popover } from "@mantine/core";
import { lazy, Suspense, useState } from "react";
import { isOver } from "@/api/jobs";
import { Icon } from "@/components/icons";
import { Loading } from "@/components/Page";
import { region } from "@/language/language";
import { count } from "@/lib/format";
import { useTray } from "./useTray";

const TrayPanel = lazy(async () => ({ default: (await import("./TrayPanel")).TrayPanel }));

/** The way to the jobs of all projects, on every page; it says how many go on, and how many have ended since one looked. */
export function TrayButton() {
  const { jobs, fresh, look } = useTray();
  const [open, setOpen] = useState(false);
  const going = jobs.filter((job) => !isOver(job)).length;
  const change = (next: boolean) => {
    setOpen(next);
    look();
  };
  const said = [
    "Jobs",
    going > 0 && `${going.toLocaleString(region())} going on`,
    fresh > 0 && `${count(fresh, "job")} ended since you last looked`,
  ];
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
          {going > 0 ? going.toLocaleString(region()) : ""}
        </Button>
      </Popover.Target>
      <Popover.Dropdown aria-label="Jobs">
        <Suspense fallback={<Loading lines={3} label="Loading jobs" />}>
          <TrayPanel jobs={jobs} onGo={() => setOpen(false)} />
        </Suspense>
      </Popover.Dropdown>
    </Popover>
  );
}
