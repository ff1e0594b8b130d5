"""A synthetic world: people, friendships and their photos, for demonstrations and load.

Nothing in it is a picture: a photo is what understanding would have found in one. What makes search
hard is real: friendships of realistic degrees, moments that several people photographed, copies of
one picture, confidences as a classifier gives them, audiences that differ from photo to photo.

    generator.World(people, photos, seed)   the whole: who there is, and blocks of photos
      communities, people, friendships      drawn once: memory grows with the people
      moments, shots, photos                drawn a block at a time, whatever the number of photos
        scenes, seeing, codes               what is seen, and the codes that it gives
        towns, cameras, captions            what stands beside it
    tiles.draw(document)                    the small picture that stands for a photo

Blocks depend on the seed and their number alone, so any process can draw any of them, and the same
arguments give the same bytes everywhere. Libraries are unknown here: `alicorn.command.world` makes
one of a world.
"""

__all__ = [
    "cameras",
    "captions",
    "codes",
    "communities",
    "friendships",
    "generator",
    "moments",
    "people",
    "photos",
    "pictograms",
    "scenes",
    "seeing",
    "shots",
    "tiles",
    "towns",
]
