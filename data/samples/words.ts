// Word lists of the samples. People, towns and firms are made up.

const split = (text: string): readonly string[] => text.split(",").map((word) => word.trim());

export const people = split(
  "Amara, Bela, Carys, Dimitri, Elspeth, Farid, Greta, Hamish, Imogen, Jarek, Kavya, Leopold, Mirela, Nikhil, Odette, Piotr, Quentin, Rosalind, Sanjay, Tamsin, Ursula, Viktor, Wanda, Xanthe, Yusuf, Zelda, Anouk, Bastian, Clemence, Dario, Esme, Fenella, Gideon, Henrike, Idris, Juno, Kaspar, Lorna, Matilda, Ned, Orla, Pascal, Rafe, Saskia, Tobias, Uma, Verity, Wilf, Yara, Zeno",
);
export const surnames = split(
  "Abbot, Barlow, Castellan, Draycott, Ellery, Fairweather, Galbraith, Hollis, Inglewood, Jessop, Kirkbride, Lindqvist, Marchetti, Northcote, Okafor, Pemberton, Quillfeather, Rosewarne, Sandoval, Thackeray, Underhill, Vasquez, Whitlock, Yarrow, Zielinski, Ashdown, Birchall, Coverdale, Dunmore, Everly",
);
export const towns = split(
  "Ashmere, Bellwick, Corriedale, Dunsford, Eastholm, Farrowby, Glenmoor, Harrowgate, Innisfell, Juniper Bay, Kestrel Hill, Lowmarsh, Millbrook, Nethercombe, Oakhaven, Pinecross, Quarrybank, Ravensea, Saltby, Thornwick, Upperton, Vale Regis, Westerleigh, Yewbridge, Alderport, Brackenridge, Cliffend, Dovecote, Elmstead, Fernley",
);
export const foods = split(
  "basil, spinach, carrots, mushrooms, cheddar, rye bread, ginger, cooked rice, tomatoes, lemons, leeks, smoked fish, yoghurt, walnuts, apples, avocados, celery, cream, fresh pasta, garlic, honey, strawberries, potatoes, tofu, olives, parsley, peaches, butter, pumpkin, radishes, cabbage, plums, eggs, chickpeas, mint, onions, cooked lentils, cucumber, pears, sourdough",
);
export const meals = split(
  "leek soup, mushroom risotto, bean chilli, lentil curry, vegetable lasagne, fish pie, potato salad, pumpkin gnocchi, spinach tart, fried rice, barley stew, courgette fritters, tomato galette, chickpea tagine, noodle broth, cauliflower cheese, pea dumplings, onion tart, beetroot salad, squash ravioli",
);
export const plants = split(
  "lavender, rosemary, a fern, a peace lily, a fig tree, an orchid, geraniums, tulips, an aloe, a lemon tree, roses, ivy, a rubber plant, hydrangeas, sweet peas, a cactus, camellias, runner beans, a bay tree, dahlias, chives, a spider plant, jasmine, raspberries, sunflowers",
);
export const things = split(
  "kettle, bicycle chain, leather boot, wool jumper, wooden chopping board, window frame, garden fence, cast-iron pan, mattress, coffee grinder, rain jacket, bookshelf, kitchen tap, door hinge, lampshade, backpack zip, sewing machine, paintbrush, table top, wristwatch, rucksack, umbrella, oven tray, piano stool, tent, mirror, rug, shower head, teapot, tool box, picture frame, deck chair, radio, kitchen scale, clothes line, thermos flask, drawer, guitar string, violin bow, letterbox",
);
export const shops = split(
  "bakery, bookshop, bicycle workshop, tea room, flower stall, toy shop, pottery studio, barber shop, cheese counter, record shop, garden centre, tailor's shop, ice cream parlour, repair cafe, stationery shop, juice bar, antiques barn, climbing hall, board game cafe, fishmonger's shop",
);
export const adjectives = split(
  "quiet, bright, narrow, cheerful, dusty, gentle, brisk, crooked, generous, hidden, hollow, lively, mellow, patient, rustic, silver, steady, sunlit, tidy, velvet, wandering, amber, bold, coastal, distant, early, faded, golden, humble, ivory, jolly, keen, little, modest, northern, open, proud, restless, simple, tall, useful, vivid, winding, young, curious, clever, calm, copper, mossy, frosty",
);
export const nouns = split(
  "harbour, orchard, lantern, compass, meadow, anchor, chapel, kettle, ladder, windmill, quarry, ferry, thimble, bridge, lighthouse, barrel, garden, attic, market, staircase, river, workshop, library, beacon, saddle, pantry, canal, glacier, island, village, balcony, tunnel, tower, cottage, theatre, station, museum, bakery, forest, valley, pebble, feather, button, candle, mirror, drum, kite, clock, bell, acorn",
);
export const jobs = split(
  "nurse, carpenter, bus driver, translator, gardener, beekeeper, violin maker, teacher, plumber, baker, surveyor, librarian, welder, chemist, farmer, pilot, vet, potter, journalist, architect, electrician, tailor, chef, lifeguard, florist, tram conductor, optician, shepherd, printer, stonemason",
);
export const animals = split(
  "otter, hedgehog, heron, badger, fox, owl, mole, hare, swift, beaver, raven, weasel, squirrel, goose, toad, robin, seal, stag, bat, magpie, snail, donkey, goat, tortoise, wren",
);
export const subjects = split(
  "photosynthesis, tides, compound interest, the water cycle, gravity, vaccines, inflation, an eclipse, plate tectonics, fermentation, electric current, erosion, the seasons, magnetism, evaporation, supply and demand, echoes, rainbows, friction, composting, density, soap, yeast, lightning, static electricity, opportunity cost, hibernation, pollination, insulation, leverage",
);
export const months = split("January, February, March, April, May, June, July, August, September, October, November, December");
export const weekdays = split("Monday, Tuesday, Wednesday, Thursday, Friday, Saturday, Sunday");
export const merchants = split(
  "Corner Grocer, Blue Kettle Cafe, Farrow Books, Tramway Tickets, Oak and Iron, Northwind Outdoors, Petal Post, Harbour Fuel, Silverline Gym, Little Loom, Copper Pan, Moonbeam Cinema, Fernhill Pharmacy, Quick Cobbler, Pier Arcade, Maple Furniture, Gullwing Hotels, Nettle Skincare, Brightside Energy, Rivet Hardware, Swift Couriers, Lantern Streaming, Tidewater Swim Club, Orchard Juice, Paperboat Stationery",
);
export const countries = split(
  "Portugal, Norway, Japan, Canada, Morocco, Greece, Poland, Chile, Iceland, Kenya, Vietnam, Ireland, Mexico, Turkey, Denmark, Singapore, Croatia, Peru, Estonia, New Zealand",
);
export const currencies = split(
  "euros, Norwegian kroner, yen, Canadian dollars, Moroccan dirhams, zloty, Chilean pesos, Danish kroner, Mexican pesos, Swiss francs, Singapore dollars, US dollars",
);
