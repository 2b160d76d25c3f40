import ctranslate2
import faster_whisper

print("faster-whisper", faster_whisper.__version__, "on ctranslate2", ctranslate2.__version__)
