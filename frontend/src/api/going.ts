/** How often what is under way is asked for again. That it has begun or ended is told at once, by the stream of the tray. */
export const AGAIN_MS = 10_000;

/** For `refetchInterval`: each look at a project's lists is a line of the audit log, so there are few. */
export const whileGoing = (isGoing: boolean | undefined): number | false => (isGoing ? AGAIN_MS : false);
