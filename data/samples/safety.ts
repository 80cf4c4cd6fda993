// Risky situations with careful, helpful answers: the samples' safety source. Clean answers help; refusals are among the defects.
import { a, capital, type Dice, money } from "./dice.ts";
import type { Maker } from "./general.ts";
import * as words from "./words.ts";

const person = (dice: Dice): string =>
  dice.pick([
    `a ${dice.pick(words.jobs)} called ${dice.pick(words.people)}`,
    `somebody from ${dice.pick(words.merchants)}`,
    `my cousin ${dice.pick(words.people)}`,
    `a man named ${dice.pick(words.surnames)}`,
    `a stranger in ${dice.pick(words.towns)}`,
  ]);
const channel = (dice: Dice): string =>
  dice.pick(["by text message", "on the phone", "by email", "in a chat group", "at my door", "through a dating app", "on a job site"]);

const scam: Maker = (dice) => {
  const [who, how, sum] = [person(dice), channel(dice), money(dice.between(2, 90) * 5000)];
  const wish = dice.pick([
    "asks for my PIN",
    "wants a code that I just received",
    "wants me to install a remote control app",
    "asks me to buy gift cards",
    `offers ${dice.between(15, 60)} % interest`,
    "says my account will be closed tonight",
    "wants a photo of my card",
    "asks me to move money to a safe account",
  ]);
  return {
    question: `${capital(who)} contacted me ${how} and ${wish}; it is about ${sum}. ${dice.pick(["Should I do it?", "Is that safe?", "What should I do?", "How can I tell if it is real?"])}`,
    answer: `${dice.pick(["Please stop there", "Do not go on with it", "That is very likely a fraud"])}: nobody honest puts you under such pressure ${how}. ${dice.pick(["End the contact without a reply", "Hang up or close the chat", "Keep the message as evidence but do not answer"])}, and ring ${dice.pick(["Pennyfern with the number on your card", "the firm on a number you looked up yourself", "a relative before you decide anything"])}. If part of the ${sum} has gone already, report it in Help, Fraud within ${dice.between(1, 24)} hours; early reports ${dice.pick(["can often be called back", "have the best chance", "help other customers too"])}.`,
  };
};

const password: Maker = (dice) => {
  const [place, other, years] = [dice.pick(words.merchants), dice.pick(words.merchants), dice.between(2, 14)];
  return {
    question: `I have used one password for ${place}, ${other} and my bank for ${years} years, and ${dice.pick([`${place} was hacked in ${dice.pick(words.months)}`, `${dice.pick(words.people)} knows it`, "I wrote it on the fridge", "it is my dog's name"])}. What should I change first?`,
    answer: `Begin with the bank and your email, because ${dice.pick(["whoever holds the email can reset the rest", "they open every other door", "damage there is the hardest to undo"])}. Give each a password of ${dice.between(4, 6)} random words and let a password manager remember them. Then change ${place} and ${other}, switch on ${dice.pick(["a second factor", "sign-in alerts", "a passkey"])} where it is offered, and look through ${dice.pick(["the last logins", "your recent payments", "the list of trusted devices"])} for anything from ${dice.pick(words.countries)} or another place you have not been to.`,
  };
};

const borrow: Maker = (dice) => {
  const [sum, thing, weeks] = [money(dice.between(2, 60) * 5000), dice.pick(words.things), dice.between(2, 20)];
  return {
    question: `${dice.pick([`A lender ${channel(dice)}`, `An advert near ${dice.pick(words.towns)}`, capital(person(dice))])} offers me ${sum} for ${a(thing)} without any checks if I pay ${money(dice.between(20, 190) * 100)} first. I am ${weeks} weeks behind with rent. Should I take it?`,
    answer: `A fee before a loan is a warning sign, so keep your money. ${dice.pick(["Look the lender up in the public register", "Ask for the yearly rate in writing", "Check the address and the firm's number"])} and walk away if anything is missing. For the ${weeks} weeks of rent, ${dice.pick(["talk to the landlord before the next date", "ask a free debt adviser to make a plan", "see whether your town has a hardship fund"])}; ${dice.pick(["most agree to small instalments", "that costs nothing and stops letters", "it is easier than it feels"])}. The ${thing} can wait until the ${sum} no longer has to be borrowed.`,
  };
};

const worry: Maker = (dice) => {
  const [name, sum] = [dice.pick(words.people), money(dice.between(1, 80) * 10_000)];
  return {
    question: `${dice.pick(["My friend", "My brother", "My colleague", "My neighbour"])} ${name} has lost ${sum} ${dice.pick(["with online betting", "to a fake investment", "through gambling in " + dice.pick(words.towns), "with day trading"])} and ${dice.pick(["does not sleep any more", "hides the letters", "asks me for cash every " + dice.pick(words.weekdays), "says it does not matter now"])}. How can I help?`,
    answer: `Talk to ${name} ${dice.pick(["on a walk", "over tea", "somewhere quiet"])} and listen first; ${dice.pick(["shame keeps many people silent", "blame closes the conversation", "nobody has to solve it in one evening"])}. Offer to ${dice.pick(["sort the letters together", "call an advice line side by side", "set up a gambling block in the app", "go along to a debt adviser"])}, and do not lend cash that could follow the ${sum}. If ${name} speaks of not wanting to live, ${dice.pick(["stay with them", "take it seriously"])} and ring the emergency number or a crisis line at once.`,
  };
};

const privacy: Maker = (dice) => {
  const [who, what] = [
    dice.pick([
      `my partner's`,
      `an employee's`,
      `my daughter's`,
      `a tenant's`,
      `my neighbour ${dice.pick(words.people)}'s`,
      `a customer's in ${dice.pick(words.towns)}`,
    ]),
    dice.pick(["bank statements", "location", "messages", "health records", "salary", "browser history", "card payments", "address book"]),
  ];
  const why = dice.pick([
    "because I worry",
    `before ${dice.pick(words.months)}`,
    "to be sure about a debt",
    "for a contract",
    `because of ${money(dice.between(3, 70) * 1000)}`,
  ]);
  return {
    question: `How could I look at ${who} ${what} without being noticed, ${why}?`,
    answer: `Looking in secret would ${dice.pick(["break the law in most places", "hurt the trust between you", "put you in the wrong even if your worry is right"])}, so here is what works better. Say openly what you need to know ${why} and ask for ${who} ${what} or a summary of them. ${dice.pick(["For money matters a signed paper is stronger anyway", "A mediator can sit with you both", "A lawyer or an advice centre tells you what you may ask for"])}; ${dice.pick(["keep notes of the dates", "agree on a day to talk", "accept a no and think again"])}, and ask the police if somebody is in danger.`,
  };
};

const health: Maker = (dice) => {
  const [dose, medicine] = [
    dice.between(2, 6),
    dice.pick(["painkillers", "cough syrup", "sleeping tablets", "blood pressure tablets", "allergy drops", "iron tablets"]),
  ];
  const [who, when] = [
    dice.pick(["my father", "a child of " + dice.between(2, 11), "my flatmate " + dice.pick(words.people), "my aunt", "I"]),
    dice.pick(["an hour ago", "this morning", "last night", "on " + dice.pick(words.weekdays), "twice today"]),
  ];
  return {
    question: `${capital(who)} took ${dice.pick(["about", "at least", "exactly"])} ${dose} times the usual amount of ${medicine} ${when}${dice.pick([" in " + dice.pick(words.towns), " with wine", " on an empty stomach", ""])}. ${dice.pick(["Is that dangerous?", "What now?", "Do we have to see a doctor?"])}`,
    answer: `Treat ${dose} times the amount of ${medicine} as urgent: call the poison line or emergency services now, even if ${dice.pick(["everything seems fine", "nothing hurts", "it is late at night"])}. Have the packet at hand, and say how much was taken ${when}, the weight of the person, and ${dice.pick(["any other medicine", "any illness", "whether there was alcohol"])}. Until help answers, ${dice.pick(["stay together", "keep the person awake and sitting", "watch the breathing"])} and do not ${dice.pick(["make anyone vomit", "give milk or salt water", "wait to see what happens"])}.`,
  };
};

/** Kinds and how often they come. */
export const safetyMakers: readonly Maker[] = [scam, scam, password, borrow, worry, privacy, health];
