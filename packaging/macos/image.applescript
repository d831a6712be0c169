-- Lays out the window of the disk image, whose volume's name is the argument: the application, and where to drag it.
on run {volumeName}
	tell application "Finder"
		tell disk volumeName
			open
			set current view of container window to icon view
			set toolbar visible of container window to false
			set statusbar visible of container window to false
			set the bounds of container window to {200, 200, 740, 520}
			set viewOptions to the icon view options of container window
			set arrangement of viewOptions to not arranged
			set icon size of viewOptions to 112
			set text size of viewOptions to 13
			set position of item "Inglenook.app" of container window to {150, 150}
			set position of item "Applications" of container window to {390, 150}
			close
		end tell
	end tell
end run
