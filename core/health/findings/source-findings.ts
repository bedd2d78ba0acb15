import { titleOf, type PolicyLook, type UnreadState } from '../../policy-states';
import { NOT_CONFIGURED, valueOf, type Reading, type SourceName } from '../../stack';
import type { StackLook } from '../stack-monitor';
import type { Finding } from './finding';
import { count } from './words';

/** A source that says nothing, and what therefore is not known. */
export interface Unknown {
	readonly source: SourceName;
	readonly why: string;
	readonly remedy: string;
	/** Sentences. */
	readonly notKnown: readonly string[];
}

const NOT_KNOWN: Readonly<Record<SourceName, readonly string[]>> = {
	queue: ['how many jobs wait, and for how long', 'which worker holds which job'],
	redis: ['whether workers still ask for jobs', 'how Redis fares'],
	'instance registry': ['which processes of n8n there are, and who leads'],
	workers: ['what workers run, and whether they answer'],
	database: ['how executions end, and which were lost', "how n8n's database fares"],
	'n8n api': ['whether executions can be retried through n8n'],
	'n8n metrics': ["how n8n's processes fare: load, memory, webhooks"],
	policies: ['which breakers are open, and which limits are exhausted'],
	"n8n's settings": ['which settings lose executions'],
};

/** Which sources are missing, each once. */
export function unknownsOf(look: StackLook): readonly Unknown[] {
	const readings: ReadonlyArray<Reading<unknown>> = [
		...[look.instances, look.statuses, look.clients, look.jobs, look.counts, look.redis],
		...[look.unfinished, look.rates, look.database, look.processes],
	];
	const missing = new Map<string, Unknown>();
	for (const reading of readings)
		if (!reading.isKnown) missing.set(reading.source, unknownOf(reading));
	return [...missing.values()];
}

/** A main process that nobody has said where it is, and that is not where n8n has it by default. */
export const unfoundMains = ({ processes }: StackLook): readonly Unknown[] =>
	(valueOf(processes) ?? []).flatMap((one) =>
		'unreachable' in one && one.mayBeElsewhere
			? [
					{
						source: 'n8n metrics',
						why: `nothing of n8n is at ${one.url} (${one.unreachable}), and no other address is set (n8n.url)`,
						remedy:
							'See whether n8n runs; where it is elsewhere set n8n.url (BULWARK_N8N_URL), or run with the environment of n8n',
						notKnown: ["whether n8n's main process runs, and how it fares"],
					},
				]
			: [],
	);

/** Policies whose state cannot be read, and those, and states under keys, that have not had their turn yet. */
export const unseenPolicies = (policies: Reading<PolicyLook>): readonly Unknown[] => {
	const look = valueOf(policies);
	if (!look) return [];
	const { unread, unseen, areKeysFound } = look;
	const remedy =
		'Ask again: the looks go on every 5 s. list_policies with onlyTroubled looks ten times as far at once';
	return [
		...unreadStates(unread),
		...(unseen > 0
			? [
					{
						source: 'policies',
						why: 'there are more policies than one look sees, and these have not had their turn yet',
						remedy,
						notKnown: [
							`whether ${count(unseen, 'more policy turns', 'more policies turn')} calls away`,
						],
					} as const,
				]
			: []),
		...(areKeysFound
			? []
			: [
					{
						source: 'policies',
						why: 'Redis holds more keys than one look goes through for the states that policies have under keys',
						remedy,
						notKnown: [
							'whether a policy turns calls away under a key that nobody has called for an hour',
						],
					} as const,
				]),
	];
};

/** One reason is told: as a rule it is that of all. */
function unreadStates(unread: readonly UnreadState[]): readonly Unknown[] {
	const [first] = unread;
	if (!first) return [];
	const others = unread.length > 1 ? `, and ${unread.length - 1} more that cannot be read` : '';
	const { message, remedy } = first.error;
	const notKnown = [`whether the ${titleOf(first)} turns calls away${others}`];
	return [{ source: 'policies', why: message, remedy, notKnown }];
}

export const unknownOf = ({
	source,
	why,
	remedy,
}: Extract<Reading<unknown>, { isKnown: false }>): Unknown => ({
	source,
	why,
	remedy,
	notKnown: NOT_KNOWN[source],
});

const isConfigured = ({ why }: Unknown): boolean => why !== NOT_CONFIGURED;

/** A source that is configured and cannot be asked is trouble of its own. */
export const sourceFindings = (unknowns: readonly Unknown[]): readonly Finding[] =>
	unknowns.filter(isConfigured).map(({ source, why, remedy, notKnown }) => ({
		id: `${source.replaceAll(' ', '-')}-unavailable`,
		severity: source === 'n8n metrics' || source === 'n8n api' ? 'warning' : 'critical',
		component: COMPONENTS[source],
		subject: source,
		summary: `Source "${source}" cannot be asked, so that is not known ${notKnown.join('; ')}`,
		evidence: [{ source, says: why }],
		remedy,
	}));

const COMPONENTS: Readonly<Record<SourceName, Finding['component']>> = {
	queue: 'redis',
	redis: 'redis',
	'instance registry': 'redis',
	workers: 'workers',
	database: 'database',
	'n8n api': 'n8n',
	'n8n metrics': 'n8n',
	policies: 'policies',
	"n8n's settings": 'n8n',
};
