// A little benchmark whose items must not reach training. Its questions are of no kind that the sources ask.
import type { Exchange } from "./general.ts";

export const evaluation: readonly Exchange[] = [
  [
    "Why do boats made of steel float although a steel spoon sinks at once?",
    "A hull encloses a lot of air, so the boat as a whole weighs less than the water it pushes aside. A spoon encloses none, so it is heavier than its share of water and goes down.",
  ],
  [
    "A snail climbs three metres up a well by day and slips back two by night. After how many days is it out of a ten metre well?",
    "It gains one metre a day and night, so after seven days it is at seven metres. On the eighth day it climbs three more and reaches the edge, so the answer is eight.",
  ],
  [
    "Which weighs more, a litre of cold milk or a litre of cream, and how could a dairy show that to visitors?",
    "Milk is heavier, because cream holds more fat and fat is lighter than water. A dairy can let visitors pour both into one glass: the cream stays on top.",
  ],
  [
    "What did people use to wake up on time before there were alarm clocks?",
    "They paid a knocker-up who tapped on the windows, followed church bells and cockerels, or drank much water before bed. Candles with pins that dropped into a bowl worked too.",
  ],
  [
    "If every hen lays an egg and a half in a day and a half, how many eggs do six hens lay in six days?",
    "One hen lays one egg a day on this account, so six hens lay six eggs a day. Over six days that makes thirty-six.",
  ],
  [
    "How can a blind cook tell by ear whether oil in a frying vessel is hot enough?",
    "A wooden stick held into the oil begins to fizz when it is ready, and a crumb of dough sizzles at once. A dull hiss means too cold, a sharp crackle too hot.",
  ],
  [
    "Why is the sea salty while the rivers that fill it taste of nothing?",
    "Rivers carry tiny traces of dissolved minerals. Water leaves the sea again by drying up into clouds, but the minerals stay behind, and over ages they have added up.",
  ],
  [
    "In which order should four travellers cross a rope bridge at night with a single torch, if they need one, two, five and ten minutes?",
    "The two fastest go first and one returns; then the two slowest cross together and the other fast one brings the torch back; last, the two fastest go again. That takes seventeen minutes.",
  ],
  [
    "What is the difference between a debit interest rate and an effective annual rate on an overdraft?",
    "The debit rate says what is charged on the sum you owe. The effective rate adds fees and the interest on interest over a year, so it is the one to compare between banks.",
  ],
  [
    "Why would a bank hold a cheque for several days even when both customers bank there?",
    "Someone has to look at the signature and at whether the account still covers it, and forged cheques are often noticed late. The hold keeps the payee from spending money that may be taken back.",
  ],
  [
    "Explain what a chargeback is and how it differs from a refund that a trader gives freely.",
    "A chargeback is ordered through the card scheme when a buyer complains and the trader cannot prove the sale. A refund is a decision of the trader and needs no proof or referee.",
  ],
  [
    "A shopkeeper deposits coins worth eighty pounds in rolls of four pounds each. How many rolls are that, and what if two are missing?",
    "Eighty divided by four is twenty rolls. If two are missing, eighteen remain, which hold seventy-two pounds.",
  ],
  [
    "How does a guarantor's duty end when a tenant moves out with arrears?",
    "It does not end by itself: the guarantor owes what had built up until the contract was over, within the sum they signed for. A written release from the owner makes it certain.",
  ],
  [
    "What makes a central bank raise its base rate when prices climb?",
    "Dearer credit makes firms and families borrow and spend less. With less demand sellers find it harder to ask for more, and so price rises slow down after some months.",
  ],
  [
    "Is it wise to round retirement sums to thousands when making a thirty year forecast?",
    "Yes, because the unknown growth rate matters far more than a few hundred pounds. Rounding also reminds the reader that the forecast is no promise.",
  ],
  [
    "Which three questions should a co-operative ask before lending its reserves to a member?",
    "Whether the reserve is needed within the term, what happens if the member cannot repay, and whether all members would get the same offer. If one of them has no clear answer, it should not lend.",
  ],
  [
    "Write a Python generator that yields the Collatz sequence of a positive integer until it reaches one.",
    "```python\ndef collatz(n):\n    while n != 1:\n        yield n\n        n = n // 2 if n % 2 == 0 else 3 * n + 1\n    yield 1\n```\n\nEven numbers are halved, odd ones become three times themselves plus one.",
  ],
  [
    "Show in JavaScript how to check whether two strings are anagrams, ignoring case and spaces.",
    '```js\nconst letters = (text) => [...text.toLowerCase().replace(/\\s/g, "")].sort().join("");\nconst areAnagrams = (x, y) => letters(x) === letters(y);\n```\n\nSorted letters are equal exactly when the words are anagrams.',
  ],
  [
    "How does one find gaps in a sequence of integer ids with a window function in SQL?",
    "```sql\nSELECT id + 1 AS gap_from, next_id - 1 AS gap_to\nFROM (SELECT id, LEAD(id) OVER (ORDER BY id) AS next_id FROM events) AS pairs\nWHERE next_id > id + 1;\n```\n\nLEAD looks at the following id; a jump of more than one is a gap.",
  ],
  [
    "What does the walrus operator do in Python, and when does it make a while loop shorter?",
    "It assigns inside an expression. A loop such as `while chunk := stream.read(4096):` reads and tests in one place, so the read need not be written twice.",
  ],
  [
    "Write a recursive Python function that flattens nested lists of any depth into one list.",
    "```python\ndef flatten(value):\n    if not isinstance(value, list):\n        return [value]\n    return [leaf for inner in value for leaf in flatten(inner)]\n```\n\nAnything that is not a list counts as a leaf.",
  ],
  [
    "Why can floating point numbers not represent one tenth exactly?",
    "In binary, one tenth is a fraction that never ends, as one third is in decimal. The computer keeps the nearest value with 53 bits, which is a little too large.",
  ],
  [
    "What is a race condition, and how could a mutex have prevented a double booking of the last cinema seat?",
    "Two threads read that a seat is free before either writes. A mutex lets only one of them look and book at a time, so the second sees that the seat is taken.",
  ],
  [
    "Design a regular expression for a hexadecimal colour with three or six digits.",
    "Use `^#(?:[0-9a-fA-F]{3}){1,2}$`: a hash sign, then a group of three digits once or twice, and nothing else.",
  ],
  [
    "A toddler has swallowed a button cell from a remote control. Which steps matter in the first ten minutes?",
    "Call emergency services at once and say that it was a button cell. Give nothing to eat, do not make the child vomit, and take the packaging along: the cell can burn the gullet within two hours.",
  ],
  [
    "How do I recognise carbon monoxide poisoning in a camper van, and what comes first?",
    "Headache, dizziness and sickness in several people at once are typical. Get everyone into fresh air first, then switch off the burner from outside if you can, and call for help.",
  ],
  [
    "What should a hiker do when a thunderstorm breaks on a bare ridge?",
    "Leave the ridge and lone trees, crouch with the feet together in a hollow, and put metal poles some metres away. Stay apart from others until half an hour after the last thunder.",
  ],
  [
    "Why is mixing bleach with an acid cleaner dangerous in a closed bathroom?",
    "The two set chlorine gas free, which burns the lungs even in small amounts. Open the window, leave the room, and rinse with much water only when the smell is gone.",
  ],
  [
    "How can a school library handle a request to remove a novel without taking sides?",
    "It asks for the request in writing, lets a panel of readers judge the whole book by rules that were published before, and tells everybody the reasons. The novel stays on the shelf meanwhile.",
  ],
  [
    "Someone at a party has drunk too much and cannot be woken. What is the right thing to do?",
    "Turn the person on the side with the mouth free, call an ambulance, and keep watching the breath. Never leave them to sleep it off, and tell the crew what was drunk.",
  ],
  [
    "Which signs show that a diver came up too fast, and why must they not fly home that day?",
    "Aching joints, a rash, numb hands or confusion point to bubbles in the tissue. In an aeroplane the lower pressure makes the bubbles grow; oxygen and a pressure chamber help.",
  ],
  [
    "What can a teacher say when a pupil tells of hunger at home?",
    "Thank the pupil for the trust, promise no secrecy, and say what will happen next. Then tell the school's counsellor the same day, and see to it that there is breakfast meanwhile.",
  ],
].map(([question, answer]) => ({ question, answer }));
