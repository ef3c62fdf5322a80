/** The modes that `--mode` names: one of them, all if it is left out. Ends with 2 where it names none. */
export function modesIn<Mode extends string>(all: readonly Mode[], flag: string): readonly Mode[] {
  const modes = all.filter((mode) => flag === '' || flag === mode);
  if (modes.length > 0) return modes;
  console.error(`--mode is to be ${all.join(', ')}, and is ${flag}`);
  process.exit(2);
}
