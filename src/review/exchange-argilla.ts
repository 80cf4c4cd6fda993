// Argilla's records as JSON (SDK 2: Dataset.records.from_json and to_json): fields, suggestions, responses by question, metadata.
// Responses carry Argilla's own user ids, which a file from here cannot know: decisions go out as suggestions and come back as responses.
import { type Answer, asList, asObject, type Exchange, lastWords } from "./exchange-format.ts";

const decisions = ["keep", "drop", "edit"] as const;

export const argilla: Exchange = {
  name: "argilla",
  write({ id, hash, source, messages, causes, decisions: lines }, run) {
    const last = lastWords(lines).findLast(({ decision }) => decision !== "skip" && decision !== "undo");
    const edit = last?.edits?.[last.edits.length - 1];
    return {
      id: hash,
      fields: { conversation: messages.map(({ role, content }) => ({ role, content })) },
      metadata: { run, row: id, source, causes: causes.map((key) => key.slice(key.indexOf(":") + 1)) },
      suggestions: last
        ? {
            decision: { value: last.decision, score: null, agent: last.reviewer },
            ...(last.comment ? { comment: { value: last.comment, score: null, agent: last.reviewer } } : {}),
            ...(edit ? { answer: { value: edit.content, score: null, agent: last.reviewer } } : {}),
          }
        : {},
      responses: {},
      vectors: {},
      _server_id: null,
    };
  },
  isItem: (item) => typeof item.fields === "object" && item.fields !== null,
  read(item) {
    const responses = asObject(item.responses);
    const byUser = (question: string): Map<string, string> =>
      new Map(
        asList(responses[question])
          .map(asObject)
          .filter(({ value }) => typeof value === "string")
          .map(({ value, user_id }) => [String(user_id ?? ""), value as string]),
      );
    const comments = byUser("comment");
    const answers = byUser("answer");
    return [...byUser("decision")].flatMap(([user, word]): Answer[] => {
      const decision = decisions.find((known) => known === word);
      if (!decision || typeof item.id !== "string") return [];
      return [
        { hash: item.id, decision, reviewer: user || undefined, time: undefined, comment: comments.get(user), answer: answers.get(user) },
      ];
    });
  },
  setUp: `In Argilla: a chat field "conversation", a label question "decision" (keep, drop, edit), text questions "answer" and "comment"
(not required), then dataset.records.from_json(FILE). Back: dataset.records(with_responses=True).to_json(FILE), and --import it here.`,
};
