import { FakeClock } from '../fake-clock';

/** The clocks of a stack, none of which need agree with that of whoever looks. */
export class LostClocks {
	/** By which whoever looks goes. */
	readonly own = new FakeClock();
	/** By how much those of n8n's processes are ahead of it. */
	ahead = { mainMs: 0, workersMs: 0 };
	/** By how much that of the database is ahead. */
	databaseAheadMs = 0;

	now(): number {
		return this.own.now();
	}

	get mainNow(): number {
		return this.now() + this.ahead.mainMs;
	}

	get workersNow(): number {
		return this.now() + this.ahead.workersMs;
	}
}
