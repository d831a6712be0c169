; A program that takes the application's place where the installer is tried out: it writes down what it was started with,
; and runs for as long as a file called "hold" lies in the same folder. With /TOKEN it stores a credential as the
; application would. OUTPUT is defined by whoever compiles it.
Target amd64-unicode
RequestExecutionLevel user
SilentInstall silent
OutFile "${OUTPUT}"
Name "Stand-in"
!include LogicLib.nsh
!include FileFunc.nsh

Section
  ReadEnvStr $0 INGLENOOK_STAND_IN
  ${If} $0 == ""
    Return
  ${EndIf}
  ${GetParameters} $1
  ${If} $1 == "/TOKEN"
    StrCpy $5 "org.inglenook.Inglenook"
    StrCpy $6 "hub token"
    System::Call '*(i 0, i 1, w r5, p 0, l 0, i 0, i 0, p 0, i 2, i 0, p 0, p 0, w r6) p.r2'
    System::Call 'advapi32::CredWriteW(p r2, i 0) i.r3'
    StrCpy $1 "stored: $3"
  ${EndIf}
  ${If} $1 == "/HASTOKEN"
    System::Call 'advapi32::CredReadW(w "org.inglenook.Inglenook", i 1, i 0, *p 0 r3) i.r4'
    StrCpy $1 "token: $4"
  ${EndIf}
  FileOpen $2 "$0\started.txt" w
  FileWriteUTF16LE /BOM $2 "$1"
  FileClose $2
  ${While} ${FileExists} "$0\hold"
    Sleep 50
  ${EndWhile}
SectionEnd
