# SPDX-License-Identifier: LGPL-3.0-or-later
"""The Debian packages that contain photographs, and which of their files are photographs.

Each package has its container format and a table: pattern of the path -> subject words. A file that matches no
pattern is a drawing, a rendering or an icon and is left out. `{name}` in the words stands for the words of the file's
own name.
"""
from dataclasses import dataclass, field


@dataclass(frozen=True)
class Package:
    name: str
    container: str  # "files", "qt-resources" or "jpeg-scan"
    photographs: dict[str, str] = field(default_factory=dict)


PACKAGES = [
    Package("gcompris-qt-data", "qt-resources", {
        "*/erase/resource/*": "{name} animal",
        "*/explore_farm_animals/resource/animals/*": "{name} animal",
        "*/explore_world_animals/resource/animals/*": "{name} animal",
        "*/explore_monuments/resource/*/*": "building",
        "*/explore_world_music/resource/music/*": "music people",
        "*/clickgame/resource/sea*": "sea water",
        "*/details/resource/image/Louvre*": "building night",
        "*/details/resource/image/FanoeWindmill*": "windmill building",
        "*/details/resource/image/EgeskovSlot*": "castle building water",
        "*/details/resource/image/GizahPyramids*": "building sand",
        "*/details/resource/image/EilanDonanCastle*": "castle building",
        "*/details/resource/image/TowerBridgeLondon*": "bridge night",
        "*/details/resource/image/Chenonceau*": "castle building water",
        "*/details/resource/image/NDP_background*": "building",
        "*/details/resource/image/Nagoya*": "castle building",
        "*/details/resource/image/TajMahal*": "building",
        "*/details/resource/image/TourEiffel*": "tower building",
        "*/details/resource/image/Neuschwanstein*": "castle building",
        "*/details/resource/image/OperaSidney*": "building night",
        "*/categorization/resource/images/fishes/fish25*": "fish animal",
        "*/categorization/resource/images/renewable/windmill6*": "windmill sky",
    }),
    Package("lomiri-wallpapers-16.04", "files", {
        "*aitzgorri*": "meadow mountain", "*Bridge_*": "bridge", "*Dragonfly*": "dragonfly animal",
        "*free_by*": "bird", "*friends*": "tree", "*greentock*": "clock", "*life_by*": "forest river",
        "*picosdeeuropa*": "mountain", "*Picture_0B*": "things", "*Picture_1A*": "things",
        "*seeding*": "flower meadow", "*sunset*": "sunset sky", "*Wine*": "things", "*analogpattern*": "pattern",
    }),
    Package("lomiri-wallpapers-20.04", "files", {"*Kleiber*": "bird tree"}),
    Package("mate-backgrounds", "files", {
        "*/nature/Dune*": "sand grass", "*/nature/Garden*": "flower", "*/nature/FreshFlower*": "flower",
        "*/nature/YellowFlower*": "flower", "*/nature/GreenMeadow*": "grass meadow", "*/nature/Aqua*": "water drop",
        "*/nature/RainDrops*": "leaf water drop", "*/nature/Storm*": "storm sky", "*/nature/TwoWings*": "butterfly",
        "*/nature/LadyBird*": "flower", "*/nature/Blinds*": "leaf", "*/nature/Wood*": "wood",
    }),
    Package("plasma-workspace-wallpapers", "files", {
        "*/BytheWater/*/2560x1600.jpg": "water wood", "*/Autumn/*/2560x1600.jpg": "tree meadow autumn",
        "*/ColdRipple/*/2560x1600.jpg": "sea fog", "*/ColorfulCups/*/2560x1600.jpg": "things",
        "*/DarkestHour/*/2560x1600.jpg": "sea night", "*/EveningGlow/*/2560x1600.jpg": "boat river sunset",
        "*/FallenLeaf/*/2560x1600.jpg": "leaf autumn", "*/Grey/*/2560x1600.jpg": "building",
        "*/Kite/*/2560x1600.jpg": "sky cloud", "*/OneStandsOut/*/2560x1600.jpg": "leaf",
        "*/Path/*/2560x1600.jpg": "forest tree", "*/summer_1am/*/2560x1600.jpg": "sea sunset sky",
        "*/Volna/*/5120x2880.jpg": "beach sea",
    }),
    Package("enlightenment-data", "jpeg-scan", {
        "*Bamboo*": "bamboo leaf", "*Dunes*": "sand", "*Foggy-Trees*": "forest tree fog", "*God-Rays*": "forest sun",
        "*Green-Maple*": "leaf tree", "*Lichen-Branches*": "tree", "*Mountain*": "mountain", "*Peaks*": "mountain",
        "*Red-Maple*": "leaf autumn", "*Sea-of-Lanterns*": "lantern night", "*Snow-Trees*": "snow tree",
        "*Spruce-Needles*": "tree leaf", "*Sunset-Clouds*": "sunset cloud sky", "*Sunset-Hills*": "sunset hill",
        "*White-Flower*": "flower", "*Yellow-Flower*": "flower", "*Flat-Stone-Pattern*": "stone",
    }),
    Package("lxqt-themes", "files", {
        "*/Butterfly-Kenneth-Wimer.jpg": "butterfly flower", "*/after-the-rain.jpg": "sky cloud mountain",
        "*/appleflower.png": "flower", "*/beam.png": "sky cloud", "*/butterfly.png": "butterfly flower",
        "*/cloud.png": "cloud sky", "*/drop.png": "grass water drop", "*/flowers.png": "flower meadow",
        "*/fog.jpg": "fog hill", "*/this-is-not-windows.jpg": "hill meadow sky",
    }),
    Package("palapeli-data", "files", {
        "*/cincinnati-bridge.jpg": "bridge night", "*/european-honey-bee.jpg": "bee flower",
        "*/panther-chameleon-female.jpg": "chameleon animal", "*/castle-maintenon.jpg": "castle building water",
        "*/citrus-fruits.jpg": "fruit", "*/Rear-Admiral-Diplomat-1.jpg": "wood", "*/mahogany-*.jpg": "wood",
        "*/gon-defends-*.jpg": "grass", "*/Eliminator-Funk-2.jpg": "stone", "*/Time-For-Lunch-2.jpg": "stone",
    }),
    Package("python3-skimage", "files", {
        "*/skimage/data/coffee.png": "coffee cup", "*/skimage/data/astronaut.png": "people",
        "*/skimage/data/chelsea.png": "cat animal", "*/skimage/data/motorcycle_left.png": "motorcycle",
        "*/skimage/data/rocket.jpg": "rocket night", "*/skimage/data/grass.png": "grass",
        "*/skimage/data/gravel.png": "stone", "*/skimage/data/brick.png": "stone wall",
        "*/skimage/data/camera.png": "people", "*/skimage/data/hubble_deep_field.jpg": "star night",
    }),
]
