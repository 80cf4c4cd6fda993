// The decisions of a review: written to the recipe's decisions file before anything here changes, and read back from it, so that what this
// process knows is what another reader of the file would. Several servers and imports may write to one file.
import { JsonLog } from "../io/json-log.ts";
import { type Decision, DecisionBook, parseDecision } from "../pipeline/decisions.ts";

/** What one reviewer did in one go: a decision, or all of a bulk. */
interface Action {
  readonly decision: string;
  readonly bulk: string | undefined;
  readonly hashes: Set<string>;
}

export interface Undone {
  readonly decision: string;
  readonly hashes: readonly string[];
}

export class DecisionStore {
  book = new DecisionBook();
  /** Lines read so far. */
  version = 0;
  /** The first line that could not be read: it decides nothing, and the next run will refuse it. */
  problem = "";
  private readonly log: JsonLog;
  private undoing: Promise<unknown> = Promise.resolve();
  private actions = new Map<string, Action[]>();
  private readonly onChange: (hashes: readonly string[] | "all") => void;

  private constructor(path: string, onChange: (hashes: readonly string[] | "all") => void) {
    this.log = new JsonLog(path);
    this.onChange = onChange;
  }

  /** `onChange` hears which contents' decisions changed, whoever wrote them. */
  static async open(path: string, onChange: (hashes: readonly string[] | "all") => void): Promise<DecisionStore> {
    const store = new DecisionStore(path, onChange);
    await store.log.repair();
    store.refresh();
    return store;
  }

  get path(): string {
    return this.log.path;
  }

  /** Takes in what was written since. */
  refresh(): void {
    const { replaced, lines } = this.log.news();
    if (replaced) {
      this.book = new DecisionBook();
      this.actions = new Map();
      this.version = 0;
      this.problem = "";
    }
    const changed: string[] = [];
    for (const { number, text } of lines) {
      this.version++;
      let decision: Decision;
      try {
        decision = parseDecision(text, `${this.log.path}:${number}`);
      } catch (error) {
        this.problem ||= (error as Error).message;
        continue;
      }
      this.book.add(decision);
      this.note(decision);
      changed.push(decision.hash);
    }
    if (replaced) this.onChange("all");
    else if (changed.length > 0) this.onChange(changed);
  }

  /** Resolves when the lines are on the disk and counted. */
  async add(decisions: readonly Decision[]): Promise<void> {
    await this.log.append(decisions.map(inOrder));
    this.refresh();
  }

  /** Takes back a reviewer's last action, or their last word on one content. Returns what was taken back. */
  undo(reviewer: string, time: string, hash?: string): Promise<Undone | undefined> {
    // One after the other: two at once would take back the same action twice.
    const done = this.undoing.then(() => this.undoNow(reviewer, time, hash));
    this.undoing = done.catch(() => undefined);
    return done;
  }

  private async undoNow(reviewer: string, time: string, hash: string | undefined): Promise<Undone | undefined> {
    this.refresh();
    const action = this.actions.get(reviewer)?.findLast(({ hashes }) => hash === undefined || hashes.has(hash));
    if (!action) return undefined;
    const hashes = hash === undefined ? [...action.hashes] : [hash];
    await this.add(hashes.map((content) => ({ hash: content, decision: "undo", reviewer, time })));
    return { decision: action.decision, hashes };
  }

  private note({ decision, reviewer, hash, bulk }: Decision): void {
    let actions = this.actions.get(reviewer);
    if (!actions) this.actions.set(reviewer, (actions = []));
    if (decision === "undo") {
      const at = actions.findLastIndex(({ hashes }) => hashes.has(hash));
      if (at < 0) return;
      actions[at].hashes.delete(hash);
      if (actions[at].hashes.size === 0) actions.splice(at, 1);
      return;
    }
    const last = actions[actions.length - 1];
    if (bulk !== undefined && last?.bulk === bulk) last.hashes.add(hash);
    else actions.push({ decision, bulk, hashes: new Set([hash]) });
  }
}

/** The same keys in the same order on every line: people read them in pull requests. */
function inOrder({ hash, decision, reviewer, time, row, comment, edits, rules, bulk }: Decision): Decision {
  return { hash, decision, reviewer, time, row, comment, edits, rules, bulk };
}
