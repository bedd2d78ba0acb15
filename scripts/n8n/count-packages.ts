import { access, readFile } from 'node:fs/promises';
import { join } from 'node:path';

/** Kinds of machines that a package is for; a leading `!` excludes one. */
interface LockedPackage {
	os?: string[];
	cpu?: string[];
	libc?: string[];
}

export interface PackageCount {
	there: number;
	total: number;
}

/** Counts, while npm installs, the packages of the folder's lockfile that are on the disk. */
export async function packageCounter(folder: string): Promise<() => Promise<PackageCount>> {
	const lockfile = JSON.parse(await readFile(join(folder, 'package-lock.json'), 'utf8')) as {
		packages: Record<string, LockedPackage>;
	};
	const wanted = Object.entries(lockfile.packages).filter(([path, it]) => path !== '' && fits(it));
	const missing = new Set(wanted.map(([path]) => path));
	const total = missing.size;
	return async () => {
		for (const path of missing) {
			try {
				await access(join(folder, path, 'package.json'));
				missing.delete(path);
			} catch {
				// Not yet.
			}
		}
		return { there: total - missing.size, total };
	};
}

function fits({ os, cpu, libc }: LockedPackage): boolean {
	return isListed(process.platform, os) && isListed(process.arch, cpu) && !libc?.includes('musl');
}

function isListed(value: string, list: string[] | undefined): boolean {
	return list === undefined || list.includes(value) || list.some((it) => it.startsWith('!'));
}
