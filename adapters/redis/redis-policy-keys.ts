import type { KeyPage, PolicyDefinition, PolicyKeys } from '../../core/ports';
import type { ScriptRunner } from './script-runner';
import type { StateKeys } from './state-keys';
import { asGiven } from './well-formed';

/** Keys of the server that are looked at for one page. Lua can hand on a few thousand names at once. */
const LOOKED_AT = 1_000;

/** Finds the states of a policy by the names of their keys. */
export class RedisPolicyKeys implements PolicyKeys {
	constructor(
		private readonly runner: ScriptRunner,
		private readonly keys: StateKeys,
	) {}

	async keysOf(policy: PolicyDefinition, after = '0'): Promise<KeyPage> {
		const base = this.keys.stateBase(policy);
		const args = [after, `${escaped(base)}*`, LOOKED_AT];
		const reply = await this.runner.run('scanKeys', [base], args);
		const [next, ...names] = reply as string[];
		const suffixes = this.keys.suffixes(policy).filter((suffix) => suffix !== '');
		const found = names.map((name) => asGiven(withoutSuffix(name.slice(base.length), suffixes)));
		return { keys: [...new Set(found)], next: next === '0' ? undefined : next };
	}
}

/** A state may have several keys on the server. */
const withoutSuffix = (name: string, suffixes: readonly string[]): string => {
	const suffix = suffixes.find((end) => name.endsWith(end));
	return suffix === undefined ? name : name.slice(0, -suffix.length);
};

/** As a pattern that matches itself. */
const escaped = (text: string): string => text.replace(/[*?[\]\\]/g, '\\$&');
