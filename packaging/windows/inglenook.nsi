; The installer for Windows: for one user, without an administrator. dev_steps/windows_installer.py compiles it and
; defines VERSION, VERSION_4 (four numbers), FILES (the macros InstallFiles and RemoveFiles), SIZE_KB, ICON and OUTPUT;
; SIGN, if it is defined, is a command that signs the file at its end.
;
; Switches (Windows' own order: /D= is the last one, and has no quotation marks even around spaces):
;   /S              silent
;   /D=FOLDER       where to
;   /PORTABLE       unpack with portable.txt beside the program; no registry, no shortcut, no uninstaller
;   /NOSHORTCUT     no shortcut in the Start menu
;   /NOASSOCIATION  .gguf files stay as they are
; The uninstaller knows /S too, and keeps chats and models unless told otherwise:
;   /REMOVECHATS    delete the chats, settings and everything else that was kept, but not the models
;   /REMOVEMODELS   delete the downloaded models
; Exit codes: 0 done, 1 cancelled, 2 failed, 3 Inglenook is running, 4 this Windows is too old, 5 the folder is another
; installation's, 6 the disk is full. A silent run says the sentence on standard output, where there is one.

Target amd64-unicode
SetCompressor /SOLID lzma
RequestExecutionLevel user
ManifestDPIAware true
ManifestDPIAwareness "PerMonitorV2,System"
ManifestLongPathAware true
ManifestSupportedOS Win10

!include MUI2.nsh
!include FileFunc.nsh
!include LogicLib.nsh
!include WinVer.nsh
!include nsDialogs.nsh
!include "${FILES}"

!define PROGRAM "Inglenook.exe"
!define TERMINAL "inglenook-cli.exe"
!define PROG_ID "Inglenook.gguf"
!define KEY "Software\Inglenook"
!define CLASSES "Software\Classes"
!define UNINSTALL "Software\Microsoft\Windows\CurrentVersion\Uninstall\Inglenook"
!define CREDENTIAL "org.inglenook.Inglenook" ; as app/storage names it
!define TOKEN_USER "hub token"
!define OLDEST_BUILD 17763 ; Windows 10 1809, which Qt 6 asks for

!define CODE_FAILED 2
!define CODE_RUNNING 3
!define CODE_OLD_WINDOWS 4
!define CODE_FOREIGN_FOLDER 5
!define CODE_NO_ROOM 6

Name "Inglenook"
BrandingText "Inglenook ${VERSION}"
OutFile "${OUTPUT}"
InstallDir ""
AllowSkipFiles off
ShowInstDetails nevershow
ShowUninstDetails nevershow

VIProductVersion "${VERSION_4}"
VIFileVersion "${VERSION_4}"
VIAddVersionKey /LANG=0 "ProductName" "Inglenook"
VIAddVersionKey /LANG=0 "ProductVersion" "${VERSION}"
VIAddVersionKey /LANG=0 "FileVersion" "${VERSION}"
VIAddVersionKey /LANG=0 "FileDescription" "Sets up Inglenook"
VIAddVersionKey /LANG=0 "CompanyName" "The Inglenook authors"
VIAddVersionKey /LANG=0 "LegalCopyright" "Apache License 2.0"

!ifdef SIGN
  !finalize '${SIGN} "%1"' = 0
  !uninstfinalize '${SIGN} "%1"' = 0
!endif

Var Portable ; 1 when everything is to stay in one folder
Var PortableChoice
Var Upgrade ; 1 when this uninstaller was started by a newer installer
Var RemoveChats
Var RemoveModels
Var ChatsBox
Var ModelsBox
Var Code
Var Sentence

!define MUI_ICON "${ICON}"
!define MUI_UNICON "${ICON}"
!define MUI_ABORTWARNING
!define MUI_COMPONENTSPAGE_NODESC
!define MUI_FINISHPAGE_RUN "$INSTDIR\${PROGRAM}"
!define MUI_FINISHPAGE_RUN_TEXT "Start Inglenook"
!define MUI_FINISHPAGE_TITLE "Inglenook is ready"
!define MUI_FINISHPAGE_TEXT "It answers at once: a small model is included. Nothing that you write leaves this computer."

Page custom KindPage KindPageLeave
!define MUI_PAGE_CUSTOMFUNCTION_PRE SkipWhenPortable
!insertmacro MUI_PAGE_COMPONENTS
!insertmacro MUI_PAGE_DIRECTORY
!insertmacro MUI_PAGE_INSTFILES
!insertmacro MUI_PAGE_FINISH

UninstPage custom un.DataPage un.DataPageLeave
!insertmacro MUI_UNPAGE_INSTFILES
!insertmacro MUI_LANGUAGE "English"

; --- what both programs do -------------------------------------------------------------------------------------------

!macro Common un
; End with $Code after saying $Sentence: in a box, or on standard output when silent.
Function ${un}Refuse
  SetErrorLevel $Code
  ${If} ${Silent}
    System::Call 'kernel32::AttachConsole(i -1)'
    System::Call 'kernel32::GetStdHandle(i -11) p.r0'
    FileWrite $0 "$Sentence$\r$\n"
  ${Else}
    MessageBox MB_ICONSTOP|MB_OK "$Sentence"
  ${EndIf}
  SetErrorLevel $Code
  Quit
FunctionEnd

; Pops a file; pushes 1 when it is a program that runs, which Windows lets nobody open for writing.
Function ${un}IsRunning
  Exch $0
  Push $1
  Push $2
  System::Call 'kernel32::CreateFileW(w r0, i 0xC0000000, i 7, p 0, i 3, i 0, p 0) p.r1 ?e'
  Pop $2
  ${If} $1 P= -1
    ${If} $2 = 32
      StrCpy $0 1
    ${Else}
      StrCpy $0 0
    ${EndIf}
  ${Else}
    System::Call 'kernel32::CloseHandle(p r1)'
    StrCpy $0 0
  ${EndIf}
  Pop $2
  Pop $1
  Exch $0
FunctionEnd

; Asks to close what runs in the folder that is popped; a silent run ends.
Function ${un}RefuseWhileRunning
  Exch $3
  Push $4
  again_${un}:
  Push "$3\${PROGRAM}"
  Call ${un}IsRunning
  Pop $4
  ${If} $4 = 0
    Push "$3\${TERMINAL}"
    Call ${un}IsRunning
    Pop $4
  ${EndIf}
  ${If} $4 = 1
    StrCpy $Sentence "Inglenook is running. Close it first; nothing was changed."
    StrCpy $Code ${CODE_RUNNING}
    ${If} ${Silent}
      Call ${un}Refuse
    ${EndIf}
    MessageBox MB_ICONEXCLAMATION|MB_RETRYCANCEL "Inglenook is running. Close it, then press Retry." IDRETRY again_${un}
    SetErrorLevel ${CODE_RUNNING}
    Quit
  ${EndIf}
  Pop $4
  Pop $3
FunctionEnd

Function ${un}TellExplorer
  System::Call 'shell32::SHChangeNotify(i 0x08000000, i 0, p 0, p 0)'
FunctionEnd
!macroend

!insertmacro Common ""
!insertmacro Common "un."

; --- the installer ---------------------------------------------------------------------------------------------------

Function .onInit
  SetShellVarContext current
  ${IfNot} ${AtLeastBuild} ${OLDEST_BUILD}
    StrCpy $Sentence "Inglenook needs Windows 10 (1809) or newer."
    StrCpy $Code ${CODE_OLD_WINDOWS}
    Call Refuse
  ${EndIf}
  ${GetParameters} $R0
  ClearErrors
  ${GetOptions} $R0 "/PORTABLE" $R1
  ${IfNot} ${Errors}
    StrCpy $Portable 1
  ${EndIf}
  ${If} $INSTDIR == ""
    Call SetUsualFolder
  ${EndIf}
FunctionEnd

Function SetUsualFolder
  ${If} $Portable = 1
    StrCpy $INSTDIR "$EXEDIR\Inglenook"
  ${Else}
    ReadRegStr $0 HKCU "${UNINSTALL}" "InstallLocation"
    ${If} $0 != ""
    ${AndIf} ${FileExists} "$0\uninstall.exe"
      StrCpy $INSTDIR $0
    ${Else}
      StrCpy $INSTDIR "$LOCALAPPDATA\Programs\Inglenook"
    ${EndIf}
  ${EndIf}
FunctionEnd

Function KindPage
  !insertmacro MUI_HEADER_TEXT "Inglenook ${VERSION}" "Private chat with language models that run on this computer."
  nsDialogs::Create 1018
  Pop $0
  ${NSD_CreateRadioButton} 0 8u 100% 12u "Install for me (recommended)"
  Pop $1
  ${NSD_CreateLabel} 14u 22u 95% 28u "In the Start menu, and removable in Windows' settings. No administrator is needed. Chats and models are kept in your own user folder."
  Pop $0
  ${NSD_CreateRadioButton} 0 58u 100% 12u "Portable: everything in one folder"
  Pop $PortableChoice
  ${NSD_CreateLabel} 14u 72u 95% 28u "For a USB stick, for instance. Chats, settings and models stay in that folder too, and nothing is written elsewhere on this computer."
  Pop $0
  ${If} $Portable = 1
    ${NSD_Check} $PortableChoice
  ${Else}
    ${NSD_Check} $1
  ${EndIf}
  nsDialogs::Show
FunctionEnd

Function KindPageLeave
  StrCpy $1 $Portable
  ${NSD_GetState} $PortableChoice $0
  ${If} $0 = ${BST_CHECKED}
    StrCpy $Portable 1
  ${Else}
    StrCpy $Portable 0
  ${EndIf}
  ${If} $Portable <> $1
    Call SetUsualFolder
  ${EndIf}
FunctionEnd

Function SkipWhenPortable
  ${If} $Portable = 1
    Abort
  ${EndIf}
FunctionEnd

; What would make the installation fail is looked at before anything is changed.
Function Precautions
  ${If} $Portable = 1
  ${AndIf} ${FileExists} "$INSTDIR\uninstall.exe"
    StrCpy $Sentence "In $INSTDIR Inglenook is installed already. Choose another folder for the portable one."
    StrCpy $Code ${CODE_FOREIGN_FOLDER}
    Call Refuse
  ${EndIf}
  ${If} $Portable <> 1
  ${AndIf} ${FileExists} "$INSTDIR\portable.txt"
    StrCpy $Sentence "In $INSTDIR there is a portable Inglenook. Choose another folder to install to."
    StrCpy $Code ${CODE_FOREIGN_FOLDER}
    Call Refuse
  ${EndIf}
  Push $INSTDIR
  Call RefuseWhileRunning
  ${GetRoot} "$INSTDIR" $0
  ClearErrors
  ${DriveSpace} "$0\" "/D=F /S=K" $1
  ${IfNot} ${Errors}
  ${AndIf} $1 L< ${SIZE_KB}
    StrCpy $Sentence "There is too little room on $0 for Inglenook. Make room, or choose another folder; nothing was changed."
    StrCpy $Code ${CODE_NO_ROOM}
    Call Refuse
  ${EndIf}
FunctionEnd

; The program of an earlier version goes first, by its own list of files; chats, models, shortcut and settings stay.
Function RemoveEarlier
  ${If} $Portable = 1
    ${If} ${FileExists} "$INSTDIR\portable.txt"
    ${AndIf} ${FileExists} "$INSTDIR\${PROGRAM}"
      RMDir /r "$INSTDIR\_internal"
    ${EndIf}
    Return
  ${EndIf}
  ReadRegStr $0 HKCU "${UNINSTALL}" "InstallLocation"
  ${If} $0 != ""
  ${AndIf} $0 != $INSTDIR
    Push $0
    Call RefuseWhileRunning
    Push $0
    Call RemoveProgramIn
  ${EndIf}
  Push $INSTDIR
  Call RemoveProgramIn
FunctionEnd

Function RemoveProgramIn
  Exch $0
  ${If} ${FileExists} "$0\uninstall.exe"
    ClearErrors
    ExecWait '"$0\uninstall.exe" /S /UPGRADE _?=$0' $1
    ${If} ${Errors}
    ${OrIf} $1 <> 0
      StrCpy $Sentence "The earlier version in $0 could not be removed. Restart the computer and try again."
      StrCpy $Code ${CODE_FAILED}
      Call Refuse
    ${EndIf}
    Delete "$0\uninstall.exe"
    RMDir "$0"
  ${EndIf}
  Pop $0
FunctionEnd

Section "Inglenook" SectionProgram
  SectionIn RO
  Call Precautions
  Call RemoveEarlier
  !insertmacro InstallFiles
  SetOutPath "$INSTDIR"
  ${If} $Portable = 1
    ; An empty file: that it is there is what it says.
    FileOpen $0 "$INSTDIR\portable.txt" w
    FileClose $0
    Return
  ${EndIf}
  WriteUninstaller "$INSTDIR\uninstall.exe"
  WriteRegStr HKCU "${KEY}" "InstallLocation" "$INSTDIR"
  WriteRegStr HKCU "${UNINSTALL}" "DisplayName" "Inglenook"
  WriteRegStr HKCU "${UNINSTALL}" "DisplayVersion" "${VERSION}"
  WriteRegStr HKCU "${UNINSTALL}" "Publisher" "The Inglenook authors"
  WriteRegStr HKCU "${UNINSTALL}" "DisplayIcon" "$INSTDIR\${PROGRAM},0"
  WriteRegStr HKCU "${UNINSTALL}" "InstallLocation" "$INSTDIR"
  WriteRegStr HKCU "${UNINSTALL}" "UninstallString" '"$INSTDIR\uninstall.exe"'
  WriteRegStr HKCU "${UNINSTALL}" "QuietUninstallString" '"$INSTDIR\uninstall.exe" /S'
  WriteRegDWORD HKCU "${UNINSTALL}" "EstimatedSize" ${SIZE_KB}
  WriteRegDWORD HKCU "${UNINSTALL}" "NoModify" 1
  WriteRegDWORD HKCU "${UNINSTALL}" "NoRepair" 1
SectionEnd

Section "Shortcut in the Start menu" SectionShortcut
  ${GetParameters} $R0
  ClearErrors
  ${GetOptions} $R0 "/NOSHORTCUT" $R1
  ${If} ${Errors}
  ${AndIf} $Portable <> 1
    SetOutPath "$INSTDIR"
    CreateShortcut "$SMPROGRAMS\Inglenook.lnk" "$INSTDIR\${PROGRAM}" "" "$INSTDIR\${PROGRAM}" 0 SW_SHOWNORMAL "" \
      "Private chat with language models that run on this computer"
  ${EndIf}
SectionEnd

Section "Open model files (.gguf) with Inglenook" SectionAssociation
  ${GetParameters} $R0
  ClearErrors
  ${GetOptions} $R0 "/NOASSOCIATION" $R1
  ${If} ${Errors}
  ${AndIf} $Portable <> 1
    Call Associate
  ${EndIf}
SectionEnd

Function Associate
  WriteRegStr HKCU "${CLASSES}\${PROG_ID}" "" "Language model (GGUF)"
  WriteRegStr HKCU "${CLASSES}\${PROG_ID}\DefaultIcon" "" "$INSTDIR\${PROGRAM},0"
  WriteRegStr HKCU "${CLASSES}\${PROG_ID}\shell\open" "FriendlyAppName" "Inglenook"
  WriteRegStr HKCU "${CLASSES}\${PROG_ID}\shell\open\command" "" '"$INSTDIR\${PROGRAM}" "%1"'
  ; "Open with" lists a program by these two.
  WriteRegStr HKCU "${CLASSES}\.gguf\OpenWithProgids" "${PROG_ID}" ""
  WriteRegStr HKCU "${CLASSES}\Applications\${PROGRAM}" "FriendlyAppName" "Inglenook"
  WriteRegStr HKCU "${CLASSES}\Applications\${PROGRAM}\SupportedTypes" ".gguf" ""
  WriteRegStr HKCU "${CLASSES}\Applications\${PROGRAM}\shell\open\command" "" '"$INSTDIR\${PROGRAM}" "%1"'
  ; The settings' page of default programs lists it by these.
  WriteRegStr HKCU "${KEY}\Capabilities" "ApplicationName" "Inglenook"
  WriteRegStr HKCU "${KEY}\Capabilities" "ApplicationDescription" "Private chat with language models"
  WriteRegStr HKCU "${KEY}\Capabilities\FileAssociations" ".gguf" "${PROG_ID}"
  WriteRegStr HKCU "Software\RegisteredApplications" "Inglenook" "${KEY}\Capabilities"
  ; What opened .gguf files before gets them back when Inglenook is removed.
  ReadRegStr $0 HKCU "${CLASSES}\.gguf" ""
  ${If} $0 != "${PROG_ID}"
    WriteRegStr HKCU "${KEY}" "EarlierGguf" "$0"
    WriteRegStr HKCU "${CLASSES}\.gguf" "" "${PROG_ID}"
  ${EndIf}
  Call TellExplorer
FunctionEnd

; --- the uninstaller -------------------------------------------------------------------------------------------------

Function un.onInit
  SetShellVarContext current
  ${GetParameters} $R0
  ClearErrors
  ${GetOptions} $R0 "/UPGRADE" $R1
  ${IfNot} ${Errors}
    StrCpy $Upgrade 1
  ${EndIf}
  ClearErrors
  ${GetOptions} $R0 "/REMOVECHATS" $R1
  ${IfNot} ${Errors}
    StrCpy $RemoveChats 1
  ${EndIf}
  ClearErrors
  ${GetOptions} $R0 "/REMOVEMODELS" $R1
  ${IfNot} ${Errors}
    StrCpy $RemoveModels 1
  ${EndIf}
  Push $INSTDIR
  Call un.RefuseWhileRunning
FunctionEnd

Function un.DataPage
  !insertmacro MUI_HEADER_TEXT "Remove Inglenook" "Your chats and models are kept, unless you choose otherwise."
  nsDialogs::Create 1018
  Pop $0
  ${NSD_CreateLabel} 0 4u 100% 20u "The program is removed from $INSTDIR. What you made and downloaded lies in $LOCALAPPDATA\Inglenook:"
  Pop $0
  ${NSD_CreateCheckbox} 0 32u 100% 12u "Delete my chats and settings too. This cannot be undone."
  Pop $ChatsBox
  StrCpy $1 0
  ${If} ${FileExists} "$LOCALAPPDATA\Inglenook\models\*.*"
    ${GetSize} "$LOCALAPPDATA\Inglenook\models" "/S=0B" $1 $2 $3
    System::Int64Op $1 / 1000000
    Pop $1
  ${EndIf}
  ${NSD_CreateCheckbox} 0 50u 100% 12u "Delete the downloaded models too ($1 MB)."
  Pop $ModelsBox
  ${If} $RemoveChats = 1
    ${NSD_Check} $ChatsBox
  ${EndIf}
  ${If} $RemoveModels = 1
    ${NSD_Check} $ModelsBox
  ${EndIf}
  GetDlgItem $0 $HWNDPARENT 1
  SendMessage $0 ${WM_SETTEXT} 0 "STR:&Remove"
  nsDialogs::Show
FunctionEnd

Function un.DataPageLeave
  ${NSD_GetState} $ChatsBox $RemoveChats
  ${NSD_GetState} $ModelsBox $RemoveModels
FunctionEnd

; Deletes the folder that is popped. Windows' own command does it, because that does not follow links out of the folder.
Function un.DeleteFolder
  Exch $0
  System::Call 'kernel32::SetEnvironmentVariableW(w "INGLENOOK_REMOVED", w r0)'
  nsExec::Exec '"$SYSDIR\cmd.exe" /d /c rd /s /q "%INGLENOOK_REMOVED%"'
  Exch
  Pop $0
FunctionEnd

; Everything in the profile except the models, and what Windows keeps for us under lock.
Function un.DeleteChats
  FindFirst $0 $1 "$LOCALAPPDATA\Inglenook\*.*"
  ${DoWhile} $1 != ""
    ${If} $1 != "."
    ${AndIf} $1 != ".."
    ${AndIf} $1 != "models"
      ${If} ${FileExists} "$LOCALAPPDATA\Inglenook\$1\*.*"
        Push "$LOCALAPPDATA\Inglenook\$1"
        Call un.DeleteFolder
        Pop $2
      ${Else}
        Delete "$LOCALAPPDATA\Inglenook\$1"
      ${EndIf}
    ${EndIf}
    FindNext $0 $1
  ${Loop}
  FindClose $0
  Call un.ForgetToken
FunctionEnd

; The hub's token goes from Windows' Credential Manager. The keys of locked profiles stay there: one may belong to a
; profile in another folder, which nobody could read without it.
Function un.ForgetToken
  System::Call 'advapi32::CredDeleteW(w "${TOKEN_USER}@${CREDENTIAL}", i 1, i 0)'
  System::Call 'advapi32::CredReadW(w "${CREDENTIAL}", i 1, i 0, *p 0 r3) i.r4'
  ${If} $4 <> 0
    ; CREDENTIALW: flags, type, target, comment, time, size, (gap), secret, persistence, count, attributes, alias, user
    System::Call '*$3(i, i, p, p, l, i, i, p, i, i, p, p, w .r5)'
    ${If} $5 == "${TOKEN_USER}"
      System::Call 'advapi32::CredDeleteW(w "${CREDENTIAL}", i 1, i 0)'
    ${EndIf}
    System::Call 'advapi32::CredFree(p r3)'
  ${EndIf}
FunctionEnd

Function un.Dissociate
  ReadRegStr $0 HKCU "${CLASSES}\.gguf" ""
  ${If} $0 == "${PROG_ID}"
    ReadRegStr $1 HKCU "${KEY}" "EarlierGguf"
    ${If} $1 == ""
      DeleteRegValue HKCU "${CLASSES}\.gguf" ""
    ${Else}
      WriteRegStr HKCU "${CLASSES}\.gguf" "" "$1"
    ${EndIf}
  ${EndIf}
  DeleteRegValue HKCU "${CLASSES}\.gguf\OpenWithProgids" "${PROG_ID}"
  DeleteRegKey /ifempty HKCU "${CLASSES}\.gguf\OpenWithProgids"
  DeleteRegKey /ifempty HKCU "${CLASSES}\.gguf"
  DeleteRegKey HKCU "${CLASSES}\${PROG_ID}"
  DeleteRegKey HKCU "${CLASSES}\Applications\${PROGRAM}"
  DeleteRegValue HKCU "Software\RegisteredApplications" "Inglenook"
  Call un.TellExplorer
FunctionEnd

Section "un.Inglenook"
  !insertmacro RemoveFiles
  ${If} $Upgrade = 1
    Return
  ${EndIf}
  Delete "$INSTDIR\uninstall.exe"
  RMDir "$INSTDIR"
  Delete "$SMPROGRAMS\Inglenook.lnk"
  Call un.Dissociate
  DeleteRegKey HKCU "${UNINSTALL}"
  DeleteRegKey HKCU "${KEY}"
  ${If} $RemoveChats = 1
    Call un.DeleteChats
  ${EndIf}
  ${If} $RemoveModels = 1
    Push "$LOCALAPPDATA\Inglenook\models"
    Call un.DeleteFolder
    Pop $0
  ${EndIf}
  RMDir "$LOCALAPPDATA\Inglenook"
SectionEnd
