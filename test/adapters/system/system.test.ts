import { hostname } from 'node:os';

import { createPermitIds, systemClock, workerName } from '../../../adapters/system';
import { idPrefix, makerOf } from '../../../core/process-id';

describe('the system clock', () => {
	beforeEach(() => jest.useFakeTimers());
	afterEach(() => jest.useRealTimers());

	it('runs a callback once, after its delay, unless it is cancelled', () => {
		const callback = jest.fn();
		systemClock.schedule(callback, 100);
		const cancel = systemClock.schedule(callback, 100);
		jest.advanceTimersByTime(99);
		expect(callback).not.toHaveBeenCalled();
		cancel();
		jest.advanceTimersByTime(10_000);
		expect(callback).toHaveBeenCalledTimes(1);
		cancel();
	});

	it('waits for as long as a year, which is longer than a timer of Node can', () => {
		const YEAR = 366 * 86_400_000;
		const callback = jest.fn();
		systemClock.schedule(callback, YEAR);
		const cancel = systemClock.schedule(callback, YEAR);
		jest.advanceTimersByTime(YEAR - 1);
		expect(callback).not.toHaveBeenCalled();
		cancel();
		jest.advanceTimersByTime(1);
		expect(callback).toHaveBeenCalledTimes(1);
		expect(jest.getTimerCount()).toBe(0);
	});
});

describe('permit ids', () => {
	it('are unique within a process and between processes', () => {
		const makers = [createPermitIds(), createPermitIds()];
		const ids = makers.flatMap((make) => Array.from({ length: 10_000 }, make));
		expect(new Set(ids).size).toBe(20_000);
	});

	it('say which process has made them, unless they are of a version that does not', () => {
		const worker = hostname().slice(-40);
		expect(makerOf(createPermitIds()())).toEqual({ worker, pid: process.pid });
		expect(makerOf('0b6c7a5e-8f2a-4a6f-9f63-1f0c6f8f6a11:1:0')).toBeUndefined();
		const pod = { worker: `${'n8n-worker'.repeat(6)}-7c9d8: f/x`, pid: 7 };
		expect(makerOf(`${idPrefix(pod, 'random')}:1:0`)).toEqual({
			worker: expect.stringMatching(/^[\w-]{28,}-7c9d8__f_x$/),
			pid: 7,
		});
	});
});

describe('the name of a worker', () => {
	it('is that of its machine, unless it is given one', () => {
		expect(workerName({})).toBe(hostname());
		expect(workerName({ BULWARK_WORKER: 'worker-3' })).toBe('worker-3');
	});
});
