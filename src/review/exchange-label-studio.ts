// Label Studio's tasks as JSON: data, and annotations whose results are choices and text areas. Its own export comes back the same way.
import { type Answer, asList, asObject, type Exchange, type Json, lastWords } from "./exchange-format.ts";

const decisions = ["keep", "drop", "edit"] as const;

export const labelStudio: Exchange = {
  name: "label-studio",
  write({ id, hash, source, messages, causes, decisions: lines }, run) {
    const answer = messages.findLast(({ role }) => role === "assistant")?.content ?? "";
    return {
      data: {
        content_hash: hash,
        run,
        row: id,
        source,
        causes: causes.map((key) => key.slice(key.indexOf(":") + 1)).join(", "),
        conversation: messages.map(({ role, content }) => ({ author: role, text: content })),
        answer,
      },
      annotations: lastWords(lines).flatMap(({ decision, reviewer, time, comment, edits }) => {
        if (decision === "undo") return [];
        if (decision === "skip") return [{ was_cancelled: true, result: [], created_at: time, reviewer }];
        const result: unknown[] = [{ from_name: "decision", to_name: "conversation", type: "choices", value: { choices: [decision] } }];
        const text = (name: string, value: string): unknown => ({
          from_name: name,
          to_name: "conversation",
          type: "textarea",
          value: { text: [value] },
        });
        if (comment) result.push(text("comment", comment));
        const edit = edits?.[edits.length - 1];
        if (edit) result.push(text("new_answer", edit.content));
        return [{ was_cancelled: false, result, created_at: time, reviewer }];
      }),
    };
  },
  isItem: (item) => typeof item.data === "object" && item.data !== null,
  read(item) {
    const hash = asObject(item.data).content_hash;
    if (typeof hash !== "string") return [];
    return asList(item.annotations)
      .map(asObject)
      .flatMap((annotation): Answer[] => {
        const results = asList(annotation.result).map(asObject);
        const of = (name: string): Json => asObject(results.find(({ from_name }) => from_name === name)?.value);
        const word = annotation.was_cancelled === true ? "skip" : asList(of("decision").choices)[0];
        const decision = [...decisions, "skip" as const].find((known) => known === word);
        if (!decision) return [];
        const first = (name: string): string | undefined => {
          const value = of(name).text;
          const text = Array.isArray(value) ? (value as unknown[])[0] : value;
          return typeof text === "string" ? text : undefined;
        };
        const time = annotation.created_at;
        return [
          {
            hash,
            decision,
            reviewer: reviewerOf(annotation),
            time: typeof time === "string" && !Number.isNaN(Date.parse(time)) ? new Date(time).toISOString() : undefined,
            comment: first("comment"),
            answer: first("new_answer"),
          },
        ];
      });
  },
  setUp: `In Label Studio, the labeling interface:
<View>
  <Paragraphs name="conversation" value="$conversation" layout="dialogue" nameKey="author" textKey="text"/>
  <Choices name="decision" toName="conversation" choice="single" required="true"><Choice value="keep"/><Choice value="drop"/><Choice value="edit"/></Choices>
  <TextArea name="new_answer" toName="conversation" value="$answer" rows="8" maxSubmissions="1"/>
  <TextArea name="comment" toName="conversation" maxSubmissions="1"/>
</View>
Then import FILE. Back: export as JSON, and --import it here.`,
};

/** Our own name, or the annotator as Label Studio tells them: a number, or an object with an email. */
function reviewerOf({ reviewer, completed_by: by }: Json): string | undefined {
  if (typeof reviewer === "string" && reviewer !== "") return reviewer;
  const { email, id } = asObject(by);
  if (typeof email === "string") return email;
  const number = typeof by === "number" ? by : id;
  return typeof number === "number" ? `label-studio ${number}` : undefined;
}
