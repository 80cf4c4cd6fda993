// The kinds of task a row can ask for. A task is stored as its number (u8): the place in this list. Append only: numbers are written to files.

export const taskNames = [
  "question answering",
  "code",
  "summarisation",
  "classification",
  "creative writing",
  "mathematics",
  "extraction",
  "rewriting",
  "translation",
  "conversation",
  "other",
] as const;
export type TaskName = (typeof taskNames)[number];
/** The place of a task in taskNames. */
export type TaskType = number;

export const taskCount = taskNames.length;

export function taskNumber(name: TaskName): TaskType {
  return taskNames.indexOf(name);
}
