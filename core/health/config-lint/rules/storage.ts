import { lintRule } from '../lint-rule';

const LOCAL = 'filesystem';

/** Where data is that all processes need. */
export const storageRules = [
	lintRule({
		id: 'binary-data-mode',
		mode: 'queue',
		needs: ['settings'],
		check({ settings }) {
			const name = 'N8N_DEFAULT_BINARY_DATA_MODE';
			const mode = settings.value(name);
			if (mode !== LOCAL && mode !== 'default') return undefined;
			return {
				severity: mode === LOCAL ? 'critical' : 'warning',
				setting: name,
				value: mode,
				loses:
					mode === LOCAL
						? 'Files are on the disk of the process that got them: an execution that goes on in another one, after a wait, a retry or from a webhook, does not find them.'
						: "Files are held in memory and in the execution's row: large ones take the process, and all that it runs, with them.",
				remedy: `${name}=database, or s3`,
			};
		},
	}),
	lintRule({
		id: 'execution-data-storage',
		mode: 'queue',
		needs: ['settings'],
		check({ settings }) {
			const name = 'N8N_EXECUTION_DATA_STORAGE_MODE';
			if (settings.value(name) !== LOCAL) return undefined;
			return {
				severity: 'critical',
				setting: name,
				value: LOCAL,
				loses:
					'The data of executions is on the disk of the process that wrote it: workers do not find the input that main wrote, and main not their results.',
				remedy: `${name}=database, or s3`,
			};
		},
	}),
	lintRule({
		id: 'sqlite-in-queue-mode',
		mode: 'queue',
		needs: ['settings'],
		check({ settings }) {
			if (settings.value('DB_TYPE') === 'postgresdb') return undefined;
			return {
				severity: 'critical',
				setting: 'DB_TYPE',
				value: settings.shown('DB_TYPE'),
				loses:
					'Workers on other machines have a file of their own, and do not find what main wrote; on one machine writers shut each other out, and results are not saved.',
				remedy: 'DB_TYPE=postgresdb and DB_POSTGRESDB_HOST, on main and on all workers',
			};
		},
	}),
	lintRule({
		id: 'encryption-key',
		mode: 'queue',
		needs: ['settings'],
		check({ settings }) {
			const name = 'N8N_ENCRYPTION_KEY';
			if (settings.isGiven(name)) return undefined;
			return {
				severity: 'warning',
				setting: name,
				value: 'not set',
				loses:
					"The key is in a file of main's alone: with that file all credentials are lost, and workers that have another key fail at each node with a credential.",
				remedy: `${name} or ${name}_FILE, with the key from main's ~/.n8n/config, on main and on all workers`,
			};
		},
	}),
];
