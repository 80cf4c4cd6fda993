// General English that the terms of decontamination lean on: words that say nothing of a text's subject, words for numbers, words that
// are often put for one another, and words so common that sharing them is weak evidence. It knows no benchmark.

/** Words that are never terms: English function words, and what every question or program holds. */
export const stopWords: readonly string[] = `
  a an the of to in on at by for with from as is are was were be been being am do does did doing done has have had having will would can
  could should may might must shall and or but if then than that this that these those it its itself he him his himself she her hers
  herself they them their theirs themselves we us our ours you your yours i me my mine who whom whose which what when where why how there
  here so such not no nor only own too very just also both any some another into onto over under again further about above below between
  through during before after up down out off while because until against among per via let s t d ll re ve m th st nd rd one
  dont doesnt didnt isnt arent wasnt cant couldnt wont wouldnt shouldnt hes shes im youre theyre ive
  question answer please following
  def return none import print self else elif var const new use`
  .trim()
  .split(/\s+/);

/** Words for numbers, as the digits they stand for. */
export const numberWords: Readonly<Record<string, string>> = {
  zero: "0",
  two: "2",
  twice: "2",
  double: "2",
  pair: "2",
  three: "3",
  triple: "3",
  thrice: "3",
  four: "4",
  five: "5",
  six: "6",
  seven: "7",
  eight: "8",
  nine: "9",
  ten: "10",
  eleven: "11",
  twelve: "12",
  dozen: "12",
  thirteen: "13",
  fourteen: "14",
  fifteen: "15",
  sixteen: "16",
  seventeen: "17",
  eighteen: "18",
  nineteen: "19",
  twenty: "20",
  thirty: "30",
  forty: "40",
  fifty: "50",
  sixty: "60",
  seventy: "70",
  eighty: "80",
  ninety: "90",
  hundred: "100",
  thousand: "1000",
};

/** Groups of words that count as the first of them: irregular forms, everyday synonyms, programmers' abbreviations. */
export const sameWords: readonly (readonly string[])[] = `
  buy bought purchase acquire obtain procure
  sell sold
  pay paid payment
  cost price expense charge fee
  get got receive gain
  earn wage income salary
  give gave given provide supply offer
  make made create produce build built construct generate
  take took taken
  eat ate eaten consume consumption
  drink drank drunk
  go went gone travel visit
  run ran
  see saw seen view
  find found discover determine identify locate search
  write wrote written
  think thought
  know knew known
  begin began begun start commence
  end finish conclude complete full
  keep kept retain
  hold held contain include
  leave left remain remainder leftover rest
  need require necessary
  want wish desire
  tell told inform
  say said state
  spend spent
  increase rise raise grow grew grown
  decrease reduce decline lower
  drive drove driven
  fly flew flown
  lose lost
  bring brought
  catch caught
  teach taught
  send sent
  meet met
  sleep slept
  break broke broken
  choose chose chosen pick select
  win won
  put place
  child children kid
  person people individual
  man men
  woman women lady
  life lives
  day daily
  week weekly
  month monthly
  year yearly annual annually
  hour hourly
  house home residence
  car vehicle automobile
  shop store
  job work occupation
  money cash fund
  picture photo photograph image
  big large huge great
  largest biggest maximum maximal max highest greatest
  smallest minimum minimal min lowest least
  small little tiny
  each every
  total sum overall altogether combined entire whole
  amount quantity
  number num count digit
  list array lst arr vector
  string str text
  integer int
  character char letter
  dictionary dict map hash
  function func method procedure program
  index idx position
  value val
  element elem item entry
  length len size
  boolean bool true false
  parameter param argument arg
  check verify test validate examine
  compute calculate calc evaluate
  delete remove eliminate drop
  sort order arrange rank
  parenthesis parentheses paren bracket brace
  convert transform change turn translate
  split divide separate partition
  join concatenate combine merge append
  equal same identical equivalent
  different distinct unique
  consecutive successive adjacent
  reverse backward
  average mean
  example sample instance illustration
  result outcome output
  friend pal buddy
  speak spoke talk converse
  help assist aid
  show display demonstrate exhibit
  allow permit
  many several multiple numerous
  empty blank
  uppercase capital upper
  movie film
  road street
  trip journey
  present gift
  trash garbage rubbish
  fast quick rapid
  happy glad
  correct right accurate
  wrong incorrect
  utilize employ
  try attempt
  ask request inquire
  reply respond response
  stay reside live
  like enjoy love
  sick ill
  mother mom
  father dad
  clothes clothing garment
  brother sibling sister
  doctor physician
  near close nearby
  far distant
  cheap inexpensive
  almost nearly
  approximately around roughly
  collect gather
  bug insect
  fix repair
  throw threw thrown toss
  jump leap
  apartment flat
  rock stone
  student pupil
  company firm business
  guest visitor
  noon midday
  evening night
  discount reduction
  ratio proportion
  percent percentage`
  .trim()
  .split("\n")
  .map((line) => line.trim().split(" "));

/** Words that most texts of some length hold, whatever they are about; they weigh less where there are few items to count in. */
export const commonWords: readonly string[] = `
  time year people person way day man thing woman life child world school state family student group country problem hand part place case
  week company system program question work government number night point home water room mother area money story fact month lot right
  study book eye job word business issue side kind head house service friend father power hour game line end member law car city community
  name president team minute idea kid body information back parent face other level office door health art war history party result change
  morning reason research girl guy moment air teacher force education
  say get make go know take see come think look want give use find tell ask work seem feel try leave call need become put mean keep let
  begin help talk turn start show hear play run move live believe hold bring happen write provide sit stand lose pay meet include continue
  set learn lead understand watch follow stop create speak read allow add spend grow open walk win offer remember love consider appear buy
  wait serve die send expect build stay fall cut reach kill remain explain describe
  good new first last long great little own old right big high different small large next early young important few public bad same able
  many much more most total all each every other even still well now always never often
  list array string function value element integer character length index input output example given item data type code text sentence
  answer choose correct option statement true false best describe reason instruction task response appropriately complete request
  context passage paragraph article review classify summarize generate translate sum
  python java javascript algorithm loop variable object class method parameter sort maximum minimum count greater equal less even odd
  positive negative split reverse convert calculate check remove print range append`
  .trim()
  .split(/\s+/);

/** Numbers of the same kind. */
export const commonNumbers: readonly string[] = "0 1 2 3 4 5 6 7 8 9 10 12 15 20 25 30 50 100 1000".split(" ");
