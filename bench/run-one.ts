/** Measures one benchmark in this process, so that none meets code that another has warmed up differently. */
import { benchmarks } from './cases';

const [id, rounds, turnMs] = process.argv.slice(2);
const benchmark = benchmarks.find((candidate) => candidate.id === id)!;
const measurement = await benchmark.measure({ rounds: Number(rounds), turnMs: Number(turnMs) });
if (process.send) process.send(measurement, () => process.exit());
else console.log(measurement);
