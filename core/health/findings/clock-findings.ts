import type { ClockReading } from '../../clocks';
import type { Severity } from '../severity';
import { severityOf, type Thresholds } from '../thresholds';
import type { Component, Finding } from './finding';
import { count, duration } from './words';

const MOST_EVIDENCE = 5;

const COMPONENTS: Readonly<Record<ClockReading['of'], Component>> = {
	database: 'database',
	redis: 'redis',
	main: 'n8n',
	webhook: 'n8n',
	worker: 'workers',
};

const OWNERS: Readonly<Record<ClockReading['of'], string>> = {
	database: 'of the database',
	redis: 'of Redis',
	main: "of n8n's main process",
	webhook: "of n8n's webhook process",
	worker: 'of worker',
};

const REMEDY =
	'Let all machines keep their time by NTP (chrony, systemd-timesyncd; a container goes by the clock of its host). Until then waits and ages are judged only as exactly as the clocks are known to agree';

/** Which clocks do not go as ours does: all of a component's together, and all of them where it is ours that is wrong. */
export function clockFindings(
	readings: readonly ClockReading[],
	{ clockOffsetMs }: Thresholds,
): readonly Finding[] {
	const wrong = readings
		.flatMap((reading): Wrong[] => {
			const severity = severityOf(apartMs(reading), clockOffsetMs);
			return severity ? [{ reading, severity }] : [];
		})
		.sort((one, other) => apartMs(other.reading) - apartMs(one.reading));
	if (wrong.length === 0) return [];
	if (isOurs(readings, wrong, clockOffsetMs.warning)) return [oursIsWrong(wrong)];
	const byComponent = Map.groupBy(wrong, ({ reading }) => COMPONENTS[reading.of]);
	return [...byComponent].map(([component, some]) => theirsIsWrong(component, some));
}

interface Wrong {
	readonly reading: ClockReading;
	readonly severity: Severity;
}

/** As far as it is at least. */
const apartMs = ({ aheadMs, withinMs }: ClockReading): number => Math.abs(aheadMs) - withinMs;

/** Several machines' clocks agree with each other, and none with ours. */
function isOurs(
	readings: readonly ClockReading[],
	wrong: readonly Wrong[],
	agreeMs: number,
): boolean {
	const ahead = readings.map(({ aheadMs }) => aheadMs);
	const owners = new Set(readings.map(({ of }) => of));
	return (
		owners.size > 1 &&
		wrong.length === readings.length &&
		Math.max(...ahead) - Math.min(...ahead) <= agreeMs
	);
}

const oursIsWrong = (wrong: readonly Wrong[]): Finding => ({
	id: 'own-clock-differs',
	// It is what this server says that suffers, and not n8n.
	severity: 'warning',
	component: 'n8n',
	subject: 'this server',
	summary: `The clock of this server is ${shown(-wrong[0]!.reading.aheadMs)} those of all others that are known`,
	evidence: evidenceOf(wrong),
	remedy: REMEDY,
});

function theirsIsWrong(component: Component, wrong: readonly Wrong[]): Finding {
	const { of, name, aheadMs } = wrong[0]!.reading;
	const others =
		wrong.length > 1 ? `, and ${count(wrong.length - 1, 'other differs', 'others differ')}` : '';
	return {
		id: 'clock-differs',
		severity: wrong.some(({ severity }) => severity === 'critical') ? 'critical' : 'warning',
		component,
		subject: name,
		summary: `The clock ${OWNERS[of]}${of === 'worker' ? ` ${name}` : ''} is ${shown(aheadMs)} that of this server${others}`,
		evidence: evidenceOf(wrong),
		remedy: REMEDY,
	};
}

const shown = (aheadMs: number): string =>
	`${duration(Math.abs(aheadMs))} ${aheadMs > 0 ? 'ahead of' : 'behind'}`;

const evidenceOf = (wrong: readonly Wrong[]): Finding['evidence'] =>
	wrong.slice(0, MOST_EVIDENCE).map(({ reading: { name, source, aheadMs, withinMs } }) => ({
		source,
		says: `the clock of ${name} is ${shown(aheadMs)} ours, give or take ${duration(withinMs)}`,
	}));
