// Questions to a made-up payments firm, Pennyfern, with answers: the samples' domain source. Its prices are the table below, everywhere.
import { a, capital, type Dice, listed, money } from "./dice.ts";
import type { Maker } from "./general.ts";
import * as words from "./words.ts";

interface Account {
  readonly name: string;
  /** Pence a month. */
  readonly fee: number;
  /** Pence a day. */
  readonly transferLimit: number;
  /** Pence a month without a fee at cash machines. */
  readonly cash: number;
  /** Hundredths of a percent a year on savings. */
  readonly rate: number;
  /** Hundredths of a percent on payments in other currencies. */
  readonly exchange: number;
}

const accounts: readonly Account[] = [
  { name: "Seed", fee: 0, transferLimit: 100_000, cash: 15_000, rate: 150, exchange: 100 },
  { name: "Sprout", fee: 300, transferLimit: 250_000, cash: 30_000, rate: 225, exchange: 60 },
  { name: "Bracken", fee: 800, transferLimit: 1_000_000, cash: 60_000, rate: 310, exchange: 25 },
  { name: "Canopy", fee: 1500, transferLimit: 2_500_000, cash: 100_000, rate: 375, exchange: 0 },
  { name: "Thicket Business", fee: 1200, transferLimit: 5_000_000, cash: 50_000, rate: 125, exchange: 40 },
];

const percent = (hundredths: number): string => `${hundredths / 100} %`;
const day = (dice: Dice): string => `${dice.between(1, 28)} ${dice.pick(words.months)}`;
const amount = (dice: Dice): number => (dice.chance(0.5) ? dice.between(4, 900) * 100 : dice.between(150, 24_000));
const reference = (dice: Dice): string => `PF-${dice.between(10_000, 99_999)}`;
const screens = ["Cards", "Payments", "Savings", "Profile", "Statements", "Help"];

const disputed: Maker = (dice) => {
  const [merchant, date, sum] = [dice.pick(words.merchants), day(dice), money(amount(dice))];
  const days = dice.between(3, 9);
  return {
    question: dice.pick([
      `I was charged ${sum} by ${merchant} on ${date} and never bought anything there. What now?`,
      `${merchant} took ${sum} twice on ${date}. How do I get one payment back?`,
      `A payment of ${sum} to ${merchant} shows on my ${dice.pick(accounts).name} account since ${date}, but I cancelled the order.`,
    ]),
    answer: `Open the payment to ${merchant} in the app, tap ${dice.pick(["Something is wrong", "Dispute", "I do not recognise this"])} and choose the reason that fits. Add ${dice.pick(["a photo of the receipt", "the cancellation email", "a short note", "the order number"])} if you have one. We write to ${merchant} within ${days} working days, and the ${sum} from ${date} comes back to you ${dice.pick(["as soon as they agree", `after ${days + 5} days at the latest`, "as a provisional credit meanwhile"])}. Your case number is ${reference(dice)}.`,
  };
};

const lostCard: Maker = (dice) => {
  const [place, account] = [
    dice.pick([
      `on the ${dice.pick(["train", "ferry", "bus"])} to ${dice.pick(words.towns)}`,
      `in ${dice.pick(words.countries)}`,
      `at ${dice.pick(words.merchants)}`,
      `somewhere in ${dice.pick(words.towns)}`,
    ]),
    dice.pick(accounts),
  ];
  const days = dice.between(2, 6);
  return {
    question: dice.pick([
      `I lost my ${account.name} card ${place} on ${dice.pick(words.weekdays)}. What should I do first?`,
      `My wallet was stolen ${place} and the ${account.name} card was in it. How do I block it and get another by ${day(dice)}?`,
    ]),
    answer: `Freeze the card at once: ${dice.pick(["Cards, then Freeze", "hold the card's picture and slide to Freeze", "say Freeze to the assistant in Help"])}. If it does not turn up ${place} within a day, choose Replace; the new ${account.name} card reaches you in ${days} working days${account.fee === 0 ? ` and costs ${money(500)}` : ", free of charge"}. ${dice.pick(["Standing orders go on as before", "Your phone wallet keeps working meanwhile", "Payments already under way are not stopped"])}, and ${dice.pick(["you can watch the delivery in the app", "your PIN stays the same", "the old number never works again"])}.`,
  };
};

const savings: Maker = (dice) => {
  const [account, pounds, months] = [dice.pick(accounts), dice.between(2, 120) * 100, dice.pick([6, 12])];
  const interest = Math.round((pounds * 100 * account.rate * months) / (10_000 * 12));
  const goal = dice.pick([
    "a boat engine",
    "a wedding",
    "new windows",
    "a piano",
    "a trip to " + dice.pick(words.countries),
    "a used van",
    "a dog",
    "evening classes",
  ]);
  return {
    question: dice.pick([
      `How much interest would ${money(pounds * 100)} earn in ${months} months on a ${account.name} savings pot for ${goal}?`,
      `I put ${money(pounds * 100)} aside for ${goal}. What does a ${account.name} account pay on it after ${months} months?`,
    ]),
    answer: `${account.name} savings pots pay ${percent(account.rate)} a year. On ${money(pounds * 100)} that is ${money(Math.round((pounds * 100 * account.rate) / 10_000))} in a whole year, and ${money(interest)} after ${months} months if you ${dice.pick(["add nothing", "leave it alone", "take nothing out"])}. So the pot for ${goal} would then hold ${money(pounds * 100 + interest)}; the rate may change, and we tell you ${dice.between(2, 8)} weeks before it does.`,
  };
};

const abroad: Maker = (dice) => {
  const [account, country, currency, pounds] = [
    dice.pick(accounts),
    dice.pick(words.countries),
    dice.pick(words.currencies),
    dice.between(3, 90) * 10,
  ];
  const fee = Math.round((pounds * 100 * account.exchange) / 10_000);
  return {
    question: dice.pick([
      `I am going to ${country} in ${dice.pick(words.months)}. What does it cost to spend about ${money(pounds * 100)} in ${currency} with ${account.name}?`,
      `Which fee does a ${account.name} card have on ${money(pounds * 100)} spent in ${currency} while I am in ${country}?`,
    ]),
    answer: `With ${account.name} the exchange fee is ${percent(account.exchange)}, so ${money(pounds * 100)} in ${currency} costs ${fee === 0 ? "nothing on top" : `${money(fee)} on top`}. Cash machines are free up to ${money(account.cash)} a month; the machine's owner in ${country} may add a charge. ${dice.pick(["Always pay in the local currency", "Say no when a till offers to convert", "Switch on location checks before you fly", "Tell us your dates in Profile"])}, because ${dice.pick(["the shop's own rate is usually worse", "it keeps the card from being paused", "it is the cheaper choice nearly everywhere"])}.`,
  };
};

const instalment: Maker = (dice) => {
  const months = dice.pick([6, 10, 12, 20, 24]);
  const each = dice.between(15, 180) * 100;
  const thing = dice.pick(words.things);
  const missed = dice.between(1, 3);
  const paid = dice.between(1, months - 2);
  return {
    question: `I bought ${a(thing)} at ${dice.pick(words.merchants)} in ${months} instalments of ${money(each)} and have paid ${paid}. How much is left${dice.chance(0.4) ? `, and what if I skip ${missed}` : ""}?`,
    answer: `You have paid ${paid} x ${money(each)} = ${money(paid * each)} of ${money(months * each)}. That leaves ${months - paid} instalments, or ${money((months - paid) * each)} for the ${thing}. You may ${dice.pick(["pay it off early without a fee", "move the due date once", "pause for a month once a year"])} under Payments, Instalments; ${dice.pick(["a late one costs " + money(400), "we remind you three days before each", "interest stays the same"])}.`,
  };
};

const limits: Maker = (dice) => {
  const [account, pounds, name] = [dice.pick(accounts), dice.between(5, 400) * 100, dice.pick(words.people)];
  const fits = pounds * 100 <= account.transferLimit;
  return {
    question: dice.pick([
      `Can I send ${money(pounds * 100)} to ${name} ${dice.pick(words.surnames)} today from my ${account.name} account?`,
      `I want to pay ${name}'s ${dice.pick(["deposit", "invoice", "share of the rent", "garage bill", "school fees"])} of ${money(pounds * 100)} on ${day(dice)} with ${account.name}. Is that within the limit?`,
    ]),
    answer: `The daily transfer limit of ${account.name} is ${money(account.transferLimit)}, so ${money(pounds * 100)} to ${name} ${fits ? "goes through in one payment" : `has to be split over ${Math.ceil((pounds * 100) / account.transferLimit)} days, or you raise the limit first`}. ${fits ? `Check the name we show for ${name}'s account before you confirm` : `Raising it takes ${dice.between(1, 4)} hours and a photo of your identity card`}. ${dice.pick(["Transfers before four arrive the same day", "We may ask what the payment is for", "You can plan it for a later date", "A new payee waits for one hour"])}.`,
  };
};

const switchAccount: Maker = (dice) => {
  const [from, to] = dice.several(accounts, 2);
  const [name, need] = [
    dice.pick(words.people),
    dice.pick([
      "travels every month",
      "takes out a lot of cash",
      "saves for " + a(dice.pick(words.things)),
      "hardly uses the card",
      "runs " + a(dice.pick(words.shops)),
      "sends money to " + dice.pick(words.countries),
    ]),
  ];
  const gap = Math.abs(to.fee - from.fee);
  return {
    question: `${name} has ${from.name} and ${need}. Would ${to.name} be better${dice.pick(["?", " from " + dice.pick(words.months) + " on?", ", and what changes?"])}`,
    answer: `${to.name} costs ${to.fee === 0 ? "nothing" : `${money(to.fee)} a month`}, ${money(gap)} ${to.fee > from.fee ? "more" : "less"} than ${from.name}. It has a transfer limit of ${money(to.transferLimit)} a day, ${money(to.cash)} of free cash a month, ${percent(to.exchange)} on other currencies and ${percent(to.rate)} on savings. For somebody who ${need}, ${dice.pick(["the exchange fee and the cash limit matter most", "the monthly price is the first thing to weigh", "the savings rate decides"])}; ${name} can switch in Profile and back again after ${dice.between(1, 3)} months.`,
  };
};

const directDebit: Maker = (dice) => {
  const [merchant, sum, date] = [dice.pick(words.merchants), money(amount(dice)), day(dice)];
  return {
    question: dice.pick([
      `How do I stop the direct debit of ${sum} to ${merchant} before ${date}?`,
      `${merchant} still collects ${sum} though my contract ended on ${date}. Can Pennyfern stop that?`,
      `The direct debit for ${merchant} (${sum}) bounced on ${date}. What happens next?`,
    ]),
    answer: `${dice.pick(["Under Payments, Regular", "In the list of regular payments", "From the last booking"])} pick ${merchant} and choose ${dice.pick(["Cancel mandate", "Stop", "Change"])}; do it by ${dice.pick(["eight in the evening", "noon", "midnight"])} of the day before. Tell ${merchant} too, because they may have asked for the ${sum} already. A debit that was taken after ${date} can be ${dice.pick(["claimed back for eight weeks", "returned with two taps", "disputed from the booking itself"])}, and a bounced one is tried again after ${dice.between(2, 5)} days.`,
  };
};

const businessInvoice: Maker = (dice) => {
  const net = dice.between(4, 300) * 1000;
  const vat = net / 5;
  const [client, shop] = [`${dice.pick(words.surnames)} and ${dice.pick(words.surnames)}`, dice.pick(words.shops)];
  return {
    question: `My ${shop} sends ${client} an invoice of ${money(net)} plus 20 % VAT on ${day(dice)}. What total do I enter in Thicket Business${dice.pick(["?", ", and when is it due?", ", and can they pay by card?"])}`,
    answer: `Enter the net sum of ${money(net)} and leave the VAT switch on: 20 % is ${money(vat)}, so ${client} sees a total of ${money(net + vat)}. The invoice carries the number ${reference(dice)} and is due in ${dice.pick([7, 14, 21, 30])} days unless you change it. Card payments by link cost ${percent(dice.pick([120, 140, 160]))} and are booked to the ${shop} ${dice.pick(["the next morning", "within two days", "every Friday"])}.`,
  };
};

const identity: Maker = (dice) => {
  const [name, town] = [`${dice.pick(words.people)} ${dice.pick(words.surnames)}`, dice.pick(words.towns)];
  const reason = dice.pick([
    "the photo is blurred",
    "my address has changed",
    "I only have a residence permit",
    "my passport expired in " + dice.pick(words.months),
    "the app says the name differs",
    "I moved to " + town,
  ]);
  return {
    question: `I cannot finish the identity check for ${name}: ${reason}. Which documents does Pennyfern take, and how long does it last?`,
    answer: `We take ${listed(dice.several(["a passport", "an identity card", "a residence permit", "a driving licence with a photo"], 3))}. As ${reason.replace("my ", "your ").replace("I only have", "you only have").replace("I moved", "you moved")}, ${dice.pick(["start again in daylight and lay the paper on something dark", "add a bill or a letter that shows the address", "choose Other document and take both sides", "ask for a video call under Help"])}. A person looks at it between ${dice.between(7, 9)} and ${dice.between(18, 22)} o'clock; most checks like that of ${name.split(" ")[0]} are done in ${dice.between(10, 55)} minutes.`,
  };
};

const budget: Maker = (dice) => {
  const [first, second] = dice.several(
    ["groceries", "eating out", "rent", "transport", "clothes", "hobbies", "gifts", "repairs", "subscriptions"],
    2,
  );
  const limit = dice.between(5, 60) * 1000;
  const spent = Math.round((limit * dice.between(20, 140)) / 100);
  return {
    question: `My budget for ${first} is ${money(limit)} and I have spent ${money(spent)} by ${day(dice)}. ${dice.pick(["How much is left, and can I move money from " + second + "?", "What does the app do now?", "How do I set a warning for " + second + " as well?"])}`,
    answer:
      `${spent <= limit ? `You have ${money(limit - spent)} left for ${first}, which is ${Math.round((100 * (limit - spent)) / limit)} % of the budget.` : `You are ${money(spent - limit)} over the budget for ${first}.`} To shift something from ${second}, open ${dice.pick(screens)}, drag the ${second} bar and confirm. A warning at ${dice.pick([50, 70, 75, 80, 90])} % can be set for every category; ${capital(dice.pick(["it comes as a quiet note", "it shows on the start screen", "you can mute it for a week", "it is sent to joint holders too"]))}.`.replace(
        /; ([A-Z])/,
        (_, letter: string) => `; ${letter.toLowerCase()}`,
      ),
  };
};

const statement: Maker = (dice) => {
  const [from, to] = dice.several(words.months, 2);
  const why = dice.pick([
    "my landlord",
    "the tax office",
    "a visa for " + dice.pick(words.countries),
    "a mortgage",
    "my accountant in " + dice.pick(words.towns),
    "the student office",
  ]);
  const form = dice.pick(["PDF", "CSV", "stamped PDF", "spreadsheet"]);
  return {
    question: `I need statements from ${from} to ${to} as ${form} for ${why}. Where do I find them${dice.pick(["?", " in the " + dice.pick(accounts).name + " app?", " on a computer?"])}`,
    answer: `Go to Statements and set the period to ${from} until ${to}. Choose ${form} under ${dice.pick(["Format", "Share", "Export"])}; ${dice.pick(["it is ready in a few seconds", "longer periods are sent by email within the hour", "the file opens with your birth date as its password"])}. For ${why} it is best to ${dice.pick(["include the opening and closing balance", "hide the notes you wrote yourself", "add the confirmation of your address", "send the file rather than a screenshot"])}, and each page carries a code (${reference(dice)} on yours) that proves it is genuine.`,
  };
};

/** Kinds and how often they come. */
export const domainMakers: readonly Maker[] = [
  disputed,
  disputed,
  lostCard,
  savings,
  savings,
  abroad,
  instalment,
  limits,
  switchAccount,
  switchAccount,
  directDebit,
  businessInvoice,
  identity,
  budget,
  statement,
];
