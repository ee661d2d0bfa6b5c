"""``python -m voicetel`` is the command ``voicetel``."""

from voicetel.cli.app import main

if __name__ == "__main__":
    main()
