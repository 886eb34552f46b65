/** The meaning of the exit codes of `rejoin`. */

export const EXIT = {
  done: 0,
  /** The command was not carried out, or only in part; standard error gives the reason and the remedy. */
  failed: 1,
  /** The check found a problem: `doctor`, and `sla recompute --dry-run`. */
  found: 2,
  /** A bug; a report is in the data directory. */
  crashed: 70,
} as const

export const EXIT_CODES = `
Exit codes: 0 done; 1 failed, and standard error says why and what to do; 2 the check found a problem; 70 a bug, with
a report in the data directory.

Settings are variables that begin with REJOIN_, from the environment and from one settings file: --env-file, else
rejoin.env in the data directory, else /etc/rejoin.env. Standard error names the file read. docs/operations.md lists the settings.`
