// What speaks for which task, as data. English, lower case; words match whole words only. Several words in quotes' place are one phrase
// where they are joined by "_". Weights: 6 settles it alone, 4 strong, 2 a hint, 1 breaks ties.
import type { TaskName } from "./task-names.ts";

export interface Rule {
  readonly task: TaskName;
  readonly weight: number;
  readonly words: string;
}

/** Counts where the word leads a clause: "Translate ...", "please translate ...", "your task is to translate ...", "..., translate". */
export const leads: readonly Rule[] = [
  { task: "translation", weight: 6, words: "translate" },
  { task: "summarisation", weight: 6, words: "summarize summarise condense recap sum_up abridge tl_dr" },
  { task: "classification", weight: 5, words: "classify categorize categorise" },
  {
    task: "classification",
    weight: 4,
    words:
      "label tag determine_whether determine_if decide_whether decide_if judge predict_whether predict_if rate rank identify_which sort_these_into sort_the_following_into sort_them_into group_these group_the_following group_them divide_the_following separate_the_following state_whether say_whether select_whether verify_whether verify_if assess_whether mark_whether",
  },
  {
    task: "classification",
    weight: 4,
    words: "tell_me_whether tell_me_if tell_whether tell_if check_whether check_if identify_whether identify_if detect_whether detect_if",
  },
  { task: "classification", weight: 2.5, words: "detect assign predict assess determine tell_me_which" },
  { task: "extraction", weight: 6, words: "extract" },
  { task: "extraction", weight: 3.5, words: "pull highlight underline locate pull_out parse spot" },
  { task: "rewriting", weight: 6, words: "rewrite re_write rephrase re_phrase paraphrase reword proofread restate spell_check unscramble" },
  {
    task: "rewriting",
    weight: 4.5,
    words: "edit correct revise shorten simplify reformat rearrange reorder reorganize reorganise restructure capitalize punctuate adapt",
  },
  {
    task: "rewriting",
    weight: 3.5,
    words:
      "improve transform change replace modify fix polish expand insert remove delete combine merge alter substitute turn make_the make_this reverse refine",
  },
  { task: "rewriting", weight: 2.8, words: "convert optimize optimise" },
  {
    task: "mathematics",
    weight: 5,
    words:
      "rewrite_the_expression simplify_the_expression rewrite_the_equation simplify_the_equation sum_up_the_numbers calculate compute solve integrate differentiate factorize factorise multiply subtract divide",
  },
  {
    task: "mathematics",
    weight: 2.5,
    words: "prove evaluate estimate round count factor convert_the_temperature add_the_numbers find_the_value find_the_area find_the_sum",
  },
  { task: "code", weight: 6, words: "debug refactor compile" },
  { task: "code", weight: 4, words: "implement code program" },
  {
    task: "question answering",
    weight: 3,
    words:
      "explain describe define discuss compare contrast elaborate analyze analyse outline justify state mention research recommend advise",
  },
  {
    task: "question answering",
    weight: 2,
    words:
      "what who whom whose when where which why how is are was were do does did can could should would will has have may in_what in_which at_what on_which for_what to_what",
  },
  { task: "question answering", weight: 2.5, words: "list name enumerate cite find" },
  {
    task: "classification",
    weight: 4.5,
    words: "answer_yes answer_with_yes answer_true answer_with_true respond_with_yes tell_me_if_the tell_me_whether_the",
  },
  { task: "translation", weight: 2.5, words: "how_do_you_say how_do_i_say how_would_you_say" },
  // Not enough without a language: "Say it in Korean.", "Say something about rivers."
  { task: "translation", weight: 1.3, words: "say express render put" },
  {
    task: "question answering",
    weight: 4,
    words:
      "say_something_about say_more_about say_a_few_words_about say_what say_why say_how express_your_opinion express_your_thoughts express_your_view express_an_opinion",
  },
  { task: "question answering", weight: 4, words: "answer tell_me_about tell_me_why tell_me_how tell_me_what" },
  {
    task: "question answering",
    weight: 1.5,
    words: "identify choose select pick match complete fill arrange sort use examine evaluate assess",
  },
  { task: "creative writing", weight: 3, words: "imagine compose invent brainstorm continue_the_story" },
  {
    task: "conversation",
    weight: 6,
    words: "act_as role_play roleplay pretend let_s_chat let_s_talk let_s_play let_s_role",
  },
  { task: "conversation", weight: 3, words: "act you_are_a you_are_an you_re_a respond reply as_a as_an if_you_were" },
  { task: "conversation", weight: 2, words: "you_are" },
  { task: "question answering", weight: 1, words: "as_a_result as_a_rule you_are_given you_are_provided you_are_presented you_are_asked" },
  { task: "conversation", weight: 4, words: "imagine_you_are imagine_that_you_are imagine_yourself suppose_you_are" },
  { task: "conversation", weight: 1.4, words: "i my i_m i_ve we yeah" },
];

/** Verbs that say little until their object is known; then the object's rule counts, else this one. */
export const makers: readonly Rule[] = [
  { task: "creative writing", weight: 2.5, words: "write compose draft craft invent pen narrate" },
  {
    task: "creative writing",
    weight: 1.5,
    words: "create generate make design produce construct develop build come_up_with think_of form devise formulate prepare",
  },
  {
    task: "question answering",
    weight: 2.5,
    words:
      "i_need_a i_need_an i_want_a i_d_like_a i_would_like_a give provide suggest propose tell show output return offer state present report",
  },
];

/** The first of these within eight words after a maker is what is to be made. */
export const objects: readonly Rule[] = [
  {
    task: "code",
    weight: 5,
    words:
      "function code algorithm regex regular_expression webpage web_page snippet loop schema stored_procedure dockerfile linked_list constructor endpoint compiler macro struct binary_tree sql_query unit_test for_loop while_loop hash_table dataframe web_app web_application css_rule css html javascript python java sql bash php shell_script",
  },
  {
    task: "question answering",
    weight: 3,
    words: "training_program exercise_program workout_program fitness_program loyalty_program meal_plan",
  },
  {
    task: "code",
    weight: 3.5,
    words:
      "program query command component implementation server api array database variable module loop class_called class_for class_that class_to",
  },
  {
    task: "code",
    weight: 2.5,
    words:
      "script class method application app website system structure table matrix neural_network interface button expression random_number random_string block statement",
  },
  {
    task: "creative writing",
    weight: 4.5,
    words:
      "script_for story stories poem poems song songs lyrics lyric haiku sonnet limerick joke jokes tale fable novel monologue riddle rap verse ballad ode narrative fairytale pun puns screenplay plot scene movie film fiction slogan slogans tagline taglines jingle motto",
  },
  {
    task: "creative writing",
    weight: 4,
    words:
      "essay letter email e_mail article blog blogpost post speech dialogue dialog conversation advertisement ad advert commercial persona character caption tweet metaphor metaphors simile analogy proverb invitation message note memo proposal press_release cover_letter review toast greeting journal diary monolog pitch campaign biography bio obituary",
  },
  {
    task: "creative writing",
    weight: 2.5,
    words:
      "paragraph paragraphs sentence sentences phrase description descriptions title titles headline headlines name names quote excuse compliment prompt text report introduction conclusion argument statement content logo",
  },
  {
    task: "summarisation",
    weight: 5,
    words:
      "its_title its_headline title_for_this title_for_the_following title_for_the_given title_for_the_above title_for_the_article title_for_the_text title_for_the_passage title_for_the_news title_of_the_article headline_for_this headline_for_the_following headline_for_the_given headline_for_the_article headline_for_the_text headline_for_the_news",
  },
  {
    task: "summarisation",
    weight: 6,
    words: "concise_overview brief_overview summary summaries synopsis abstract tldr recap digest summarization",
  },
  { task: "translation", weight: 6, words: "translation translations" },
  {
    task: "rewriting",
    weight: 5,
    words:
      "paraphrase paraphrased_version shorter_version simplified_version revised_version rewrite rephrasing revision version reworded edited corrected",
  },
  { task: "classification", weight: 4, words: "category label classification rating sentiment" },
  { task: "mathematics", weight: 4, words: "equation proof integral derivative polynomial probability square_root formula" },
  { task: "extraction", weight: 4, words: "keyword keywords entities named_entities key_phrases" },
  {
    task: "question answering",
    weight: 3,
    words:
      "list lists example examples overview explanation ways way tips reasons reason facts fact steps definition advice guide guidelines plan itinerary recipe ideas advantages disadvantages benefits strategies strategy answer answers information difference differences solution solutions instructions suggestions methods pros details tutorial response outline timeline schedule budget comparison analysis summary_table",
  },
  { task: "other", weight: 4, words: "question questions quiz dataset" },
];

/** Counts wherever it stands in the instruction. */
export const cues: readonly Rule[] = [
  {
    task: "code",
    weight: 4,
    words:
      "python javascript typescript java sql mysql postgresql sqlite html css php c++ c# golang kotlin pandas numpy django jquery nodejs node_js verilog leetcode regex algorithmic rust_code ruby_code matlab powershell github dockerfile vba latex_code assembly_language tensorflow pytorch keras mongodb mips flask npm graphql kubernetes def",
  },
  {
    task: "code",
    weight: 2.5,
    words:
      "code snippet debug pseudocode programming algorithm array arrays linked_list binary_tree data_structure recursive recursion syntax compiler json xml api bash stack_trace regular_expression object_oriented leetcode codebase hash_table for_loop while_loop list_comprehension data_type this_code following_code given_code the_code http curl camelcase lambda dataframe source_code print_out binary_search sorting inner_join left_join outer_join try_except bubble_sort insertion_sort merge_sort quicksort callback first_search in_c select_from insert_into create_table in_range",
  },
  {
    task: "code",
    weight: 1.5,
    words:
      "function functions program string strings query loop integers script database recursion runtime complexity boolean dictionary react perl ruby swift rust scala linux terminal bug tuple substring variable integer iterate traverse neural_network machine_learning node web_server key_value hash binary encode",
  },
  {
    task: "translation",
    weight: 4,
    words: "translate translated translation translating",
  },
  {
    task: "summarisation",
    weight: 4,
    words:
      "summarize summarise summarizes summarizing summarization tl_dr tldr sum_up in_a_nutshell what_is_this_article_about what_is_this_text_about what_is_the_article_about what_is_the_text_about what_is_the_passage_about main_idea main_point main_points key_takeaways gist summary_of shortened_version rephrase_that_in_a_few_words short_version briefly_sum",
  },
  {
    task: "summarisation",
    weight: 2.5,
    words:
      "key_points summary title_for_this title_for_the headline_for_this headline_for_the its_title article_title title_of_the_article",
  },
  {
    task: "classification",
    weight: 4.5,
    words:
      "into_one_of as_one_of as_either sentiment true_or_false yes_or_no positive_or_negative positive_or_not negative_or_not spam_or_not classify categorize entailment entails grammatically_correct_or ethical_or_not fact_or_opinion fact_or_an_opinion which_category what_category polarity or_not_output",
  },
  {
    task: "classification",
    weight: 3,
    words:
      "category categories label labels rating star_rating number_of_stars classification valid_answer reasonable_answer validate_this_answer paraphrase_of whether_the whether_or_not stance sarcastic duplicate equivalent same_thing duplicates is_correct mean_the_same have_the_same hate_speech offensive_language language_of multiple_choice_label correct_or_incorrect",
  },
  {
    task: "classification",
    weight: 1.5,
    words: "classified premise parts_of_speech whether belongs emotion emotions type_of_sentence part_of_speech news_article",
  },
  {
    task: "mathematics",
    weight: 3.5,
    words:
      "probability decimal positive_integer how_many_ways ones_digit prime_factors equation equations integral derivative polynomial hypotenuse arithmetic algebra trigonometry quadratic perimeter square_root math_problem word_problem maths circumference prime_factorization greatest_common least_common",
  },
  {
    task: "mathematics",
    weight: 2,
    words:
      "math mathematical fraction percent percentage triangle rectangle radius average median sum_of area_of volume_of celsius fahrenheit kilometers total_cost how_many_more what_percent what_percentage how_much_money altogether theorem modulo remainder numerator multiplied divided_by slope parallelogram prime_number prime_numbers line_segment consecutive nearest_tenth mean_of value_of_x",
  },
  {
    task: "extraction",
    weight: 3,
    words:
      "named_entities named_entity extract extracted keywords key_words span_of from_the_passage from_the_text from_the_paragraph from_the_article from_the_list mentioned_in appear_in",
  },
  {
    task: "rewriting",
    weight: 3,
    words:
      "rewrite rephrase paraphrase reword in_your_own_words active_voice passive_voice past_tense present_tense more_formal more_concise grammar grammatical_errors spelling_errors typos different_words own_words formal_tone synonyms synonym same_meaning",
  },
  {
    task: "creative writing",
    weight: 2,
    words:
      "poem haiku lyrics limerick rhyme rhyming fictional short_story story_about fairy_tale protagonist sonnet science_fiction punchline",
  },
  { task: "creative writing", weight: 1, words: "creative story essay blog catchy slogan humorous persuasive" },
  {
    task: "question answering",
    weight: 3,
    words:
      "answer_the_following_question answer_the_question answer_this_question following_question best_answer correct_answer suitable_answer possible_answers answer_options answer_choices multiple_choice scientific_question question_answering question_below",
  },
  {
    task: "question answering",
    weight: 1,
    words:
      "question answer following_options among_the_following difference_between pros_and_cons advantages benefits how_to explain_why according_to",
  },
  {
    task: "conversation",
    weight: 5,
    words:
      "persona_of yourself_as play_the_role assume_the_role take_the_role take_on_the_role embrace_the_role in_the_role_of how_are_you who_are_you what_is_your_name what_s_your_name your_favorite your_favourite role_play roleplay act_as tell_me_about_yourself nice_to_meet how_old_are_you",
  },
  {
    task: "conversation",
    weight: 2,
    words: "do_you_like do_you_think do_you_have do_you_know are_you next_message i_feel i_m_feeling i_am_feeling chat_with",
  },
  { task: "question answering", weight: 3, words: "chemical_equation chemical_formula" },
  { task: "mathematics", weight: 1, words: "sum_up_to digit digits integer integers" },
  { task: "other", weight: 4, words: "what_is_the_question possible_question next_question predict_a_question" },
];

/** Phrases with a language in place of "*" count wherever they stand, as cues for translation. */
export const languagePhrases: readonly { readonly weight: number; readonly phrases: string }[] = [
  { weight: 6.5, phrases: "*_translation *_translations *_version" },
  { weight: 4, phrases: "into_* *_word_for *_phrase_for *_equivalent" },
  { weight: 3, phrases: "to_*" },
  { weight: 1.2, phrases: "in_* from_*" },
];
export const languages =
  "english french spanish german italian portuguese dutch swedish norwegian danish finnish polish czech russian ukrainian romanian hungarian greek turkish arabic persian farsi hebrew hindi urdu bengali tamil telugu marathi gujarati punjabi chinese mandarin cantonese japanese korean vietnamese thai indonesian malay tagalog filipino swahili yoruba igbo latin esperanto welsh irish catalan";

/** Verbs that look for something: with one of `texts` in the instruction they extract from it. */
export const seekers = "identify find choose select pick list name give locate provide return count retrieve";
export const texts =
  "in_the_following following_text following_sentence following_paragraph following_passage following_article given_text given_sentence given_paragraph given_passage given_article given_list this_sentence this_text this_paragraph the_sentence the_paragraph the_passage the_text the_article following_list the_poem in_this following_data following_information following_document following_email following_review text_below paragraph_below passage_below below_text given_this reference_text following_message message_below following_conversation following_dialogue this_article this_passage this_document this_review in_the_text";

/** Skipped where a clause begins: what leads comes after. */
export const openers =
  "please kindly now then also first next finally and but so can_you could_you would_you will_you can_you_please could_you_please i_want_you_to i_need_you_to i_would_like_you_to i_d_like_you_to i_d_like_to i_want_to i_need_to i_would_like_to your_task_is_to your_job_is_to your_goal_is_to the_task_is_to task_is_to the_exercise_is_to exercise_is_to the_goal_is_to the_job_is_to you_need_to you_have_to you_must you_should you_are_asked_to you_ll_need_to your_task_is help_me_to help_me help let_us try_to we_need_to go_ahead_and you_should_now";

/** With a colon behind them they name what follows a question, whatever its form. */
export const questionFields = "question q";

/** "Which is a fruit? Apple or spoon": where few words follow such a question on its line, they are to be sorted. */
export const sorters = "which identify_which tell_me_which";

/** Behind these a verb in mid-sentence may be an order: "read the text and summarise it", "your job: to sort ...". */
export const joiners = "to and then must should please";

/** A whole message of at most eight words that begins with one of these is small talk. */
export const greetings =
  "hi hello hey thanks thank_you good_morning good_afternoon good_evening good_night bye goodbye ok okay sure yes no lol wow great cool nice";

/** Count as numbers in a word problem. */
export const numberWords =
  "two three four five six seven eight nine ten eleven twelve twenty thirty forty fifty hundred thousand dozen half twice double triple third quarter percent";

/** Questions that begin with one of `asks` and hold one of `labels` want a class: "Is this review positive?" */
export const asks = "is are was were does do did would should can could";
export const labels =
  "positive negative neutral offensive toxic hateful abusive sarcastic ironic spam grammatical grammatically ungrammatical acceptable equivalent duplicate duplicates paraphrases paraphrase entailed entailment contradiction same_meaning same_thing humorous factual biased subjective";

/** A short text full of numbers whose question, at its end, holds one of these is a word problem. */
export const amountQuestions =
  "how_many how_much how_old how_long how_far how_tall how_fast how_big how_heavy what_percentage what_percent what_fraction in_total calculate compute find_the determine_the";

/** So is one whose question mark stands behind one of these, if less surely. */
export const quantities =
  "total average cost costs price profit distance speed velocity amount number sum difference salary income earnings earn pay paid spend spent age weight height length width area volume perimeter mean median score ratio rate revenue expense balance change remaining left altogether probability duration time depth pieces percentage percent quantity count earning earnings aggregate value hours minutes days weeks months years dollars miles";
