import type {
	ClockOffset,
	DatabaseStatistics,
	InstanceEntry,
	InstanceType,
	ProcessMetrics,
	RedisServerInfo,
	UnreachableProcess,
} from '../ports/stack';
import type { SourceName } from '../stack';

/** Whose clock it is. */
export type ClockOwner = 'database' | 'redis' | InstanceType;

/** A clock other than ours. */
export interface ClockReading extends ClockOffset {
	readonly of: ClockOwner;
	/** Which of several. */
	readonly name: string;
	/** Who told it. */
	readonly source: SourceName;
	/** It is that of the main process that resumes executions which wait, and fires schedules. */
	readonly isLeader: boolean;
}

/** What was asked anyway, and tells clocks besides; undefined where it could not be asked. */
export interface ClockTellers {
	readonly instances?: readonly InstanceEntry[];
	readonly processes?: ReadonlyArray<ProcessMetrics | UnreachableProcess>;
	readonly redis?: ReadonlyArray<Pick<RedisServerInfo, 'server' | 'clock'>>;
	readonly database?: Pick<DatabaseStatistics, 'clock'>;
}

/** All clocks that are told. */
export function clockReadings(tellers: ClockTellers): readonly ClockReading[] {
	const { instances = [], redis = [], database } = tellers;
	const registered = instances.flatMap(({ type, isLeader, instanceKey, clock }) =>
		told(clock, { of: type, name: instanceKey, source: 'instance registry', isLeader }),
	);
	return [
		...told(database?.clock, {
			...{ of: 'database', name: 'the database', source: 'database' },
			isLeader: false,
		}),
		...redis.flatMap(({ server, clock }) =>
			told(clock, { of: 'redis', name: server, source: 'redis', isLeader: false }),
		),
		...registered,
		// By HTTP it is read by the second only, and perhaps that of a proxy.
		...byHttp(tellers).filter(({ of }) => registered.every((one) => one.of !== of)),
	];
}

const byHttp = ({ processes = [] }: ClockTellers): readonly ClockReading[] =>
	processes.flatMap((one) =>
		'unreachable' in one
			? []
			: told(one.clock, {
					...{ of: one.type, name: one.url, source: 'n8n metrics' },
					isLeader: one.isLeader ?? false,
				}),
	);

const told = (
	clock: ClockOffset | undefined,
	whose: Omit<ClockReading, keyof ClockOffset>,
): readonly ClockReading[] => (clock ? [{ ...clock, ...whose }] : []);
