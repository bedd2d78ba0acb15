import {
	LoggerProxy,
	type IDataObject,
	type IExecuteFunctions,
	type INodeExecutionData,
	type ITriggerFunctions,
	type ITriggerResponse,
} from 'n8n-workflow';

import { isoTime } from '../../core/iso-time';
import {
	EVENT_TYPES,
	eventsBetween,
	sampleEvents,
	sayEvent,
	type Look,
	type StackEvent,
	type SubjectKind,
	type Trouble,
} from '../../core/stack-events';
import { readParameters } from '../shared/parameters';
import { asNodeError, openStack, stackOptions } from '../shared/stack';
import { repeat } from './repeat';
import { StackWatch } from './stack-watch';
import { eventChoices, LONGEST_WORKER_INTERVAL_MS, triggerOptions } from './trigger-options';

/** Starts a workflow once for each change that it is told of, for as long as it is active. */
export async function watchForEvents(context: ITriggerFunctions): Promise<ITriggerResponse> {
	const watch = await EventWatch.open(context);
	if (context.getMode() === 'manual') {
		return { manualTriggerFunction: async () => await watch.showOnce() };
	}
	return { closeFunction: watch.start() };
}

/** What a trigger does from its activation on. */
class EventWatch {
	private readonly end = new AbortController();
	private watch: StackWatch | undefined;
	/** What was out of order at the last look: n8n keeps it with the workflow, so that a restart tells no old news. */
	private troubles: readonly Trouble[] = [];
	private lost: ReadonlySet<string> = new Set();

	private constructor(
		private readonly context: ITriggerFunctions,
		private readonly kinds: readonly SubjectKind[],
	) {}

	/** @throws {NodeOperationError} where a parameter or a credential cannot be used. */
	static async open(context: ITriggerFunctions): Promise<EventWatch> {
		const watch = new EventWatch(context, readKinds(context));
		watch.checkOptions();
		await watch.find();
		return watch;
	}

	/** @returns what ends it. */
	start(): () => Promise<void> {
		const memory = this.context.getWorkflowStaticData('node') as { troubles?: Trouble[] };
		this.troubles = JSON.parse(JSON.stringify(memory.troubles ?? [])) as Trouble[];
		const stop = repeat(async () => await this.lookOnce(memory), this.options.intervalMs);
		return async () => {
			this.end.abort();
			await stop();
		};
	}

	/** For whoever builds the workflow: what is out of order now, else a sample of each kind of event. */
	async showOnce(): Promise<void> {
		const look = await (await this.find()).look([], this.end.signal);
		this.failIfLost(look);
		const now = eventsBetween([], look).events.filter((event) => this.isWanted(event));
		const samples = sampleEvents(this.kinds, look.at);
		this.tell(now.length > 0 ? now : samples, now.length > 0 ? {} : { isSample: true });
	}

	private async lookOnce(memory: { troubles?: Trouble[] }): Promise<void> {
		try {
			const look = await (await this.find()).look(this.troubles, this.end.signal);
			if (this.end.signal.aborted) return;
			this.noteLost(look);
			const { events, troubles } = eventsBetween(this.troubles, look);
			this.troubles = troubles;
			// Before the workflow is started, because that is when n8n saves it.
			if (events.length > 0) memory.troubles = [...troubles];
			this.tell(events.filter((event) => this.isWanted(event)));
		} catch (error) {
			if (this.end.signal.aborted) return;
			LoggerProxy.warn(`Bulwark Trigger could not look: ${(error as Error).message}`);
		}
	}

	/** What is to be told must be possible to know. */
	private checkOptions(): void {
		const { database, state, isQueueMode } = this.parameters.options(stackOptions);
		const { intervalMs } = this.options;
		const isQueueKnown = state !== 'process' && isQueueMode;
		if (this.kinds.includes('worker') && !isQueueKnown)
			throw this.parameters.invalid(
				'state',
				state,
				'without the Redis of the queue nothing is known of workers',
				'Choose it and switch Queue Mode on, or leave Worker Turns Zombie out of the events',
			);
		if (this.kinds.includes('worker') && intervalMs > LONGEST_WORKER_INTERVAL_MS)
			throw this.parameters.invalid(
				'intervalMs',
				intervalMs,
				'too long to judge workers by',
				`Set it to at most ${LONGEST_WORKER_INTERVAL_MS}`,
			);
		if (this.kinds.includes('execution') && database === 'none')
			throw this.parameters.invalid(
				'database',
				database,
				'without it nothing is known of executions',
				'Choose the database of n8n, or leave Executions Are Lost out of the events',
			);
	}

	/** With the credentials as they are now. */
	private async find(): Promise<StackWatch> {
		const stack = await openStack(this.context, this.parameters.options(stackOptions));
		const looks = this.context.getMode() === 'manual' ? 'once' : 'again and again';
		if (!this.watch?.isOf(stack))
			this.watch = new StackWatch(stack, this.kinds, this.options, looks);
		return this.watch;
	}

	private get options() {
		return this.parameters.options(triggerOptions);
	}

	private get parameters() {
		return readParameters(asExecuteFunctions(this.context), 0);
	}

	private isWanted({ type, subject: { kind } }: StackEvent): boolean {
		if (!this.kinds.includes(kind)) return false;
		return type === EVENT_TYPES[kind].trouble || this.options.whenOver;
	}

	private tell(events: readonly StackEvent[], more: IDataObject = {}): void {
		if (events.length === 0) return;
		const items = events.map((event): INodeExecutionData => ({
			json: { ...itemOf(event), ...more },
		}));
		this.context.emit([items]);
	}

	private failIfLost({ sightings }: Look): void {
		if (this.kinds.includes('source')) return;
		const lost = sightings.find(({ kind, condition }) => kind === 'source' && condition === 'lost');
		if (!lost) return;
		const { why, remedy } = lost.evidence as { why: string; remedy?: string };
		throw asNodeError(this.context.getNode(), { message: why, remedy });
	}

	/** Operators see once in the log that a source is lost, and once that it is back. */
	private noteLost({ sightings }: Look): void {
		const sources = sightings.filter(({ kind }) => kind === 'source');
		const lost = sources.filter(({ condition }) => condition === 'lost');
		for (const { id, title, evidence } of lost)
			if (!this.lost.has(id))
				LoggerProxy.warn(`Bulwark Trigger has lost ${title}: ${String(evidence.why)}`);
		const now = new Set(lost.map(({ id }) => id));
		for (const id of this.lost)
			if (!now.has(id)) LoggerProxy.info(`Bulwark Trigger is answered by source "${id}" again`);
		this.lost = now;
	}
}

function itemOf(event: StackEvent): IDataObject {
	const at = isoTime(event.at);
	return { ...event, at, summary: sayEvent(event) } as unknown as IDataObject;
}

function readKinds(context: ITriggerFunctions): SubjectKind[] {
	const given = context.getNodeParameter('events', []) as unknown;
	const known: readonly string[] = eventChoices.map(({ value }) => value);
	const kinds = Array.isArray(given) ? (given as string[]) : [];
	if (kinds.length > 0 && kinds.every((kind) => known.includes(kind)))
		return kinds as SubjectKind[];
	throw readParameters(asExecuteFunctions(context), 0).invalid(
		'events',
		given,
		kinds.length === 0 ? 'no event is chosen' : 'not events of this node',
		'Choose at least one event in the editor',
	);
}

/** Parameters are read alike, only that a trigger has no items. */
const asExecuteFunctions = (context: ITriggerFunctions): IExecuteFunctions =>
	Object.create(context, {
		getNodeParameter: {
			value: (name: string, _item: number, fallback: unknown, options: object) =>
				context.getNodeParameter(name, fallback as string, options),
		},
	}) as IExecuteFunctions;
