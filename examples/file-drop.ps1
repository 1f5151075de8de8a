<#
.SYNOPSIS
A folder that takes the files people send.
.DESCRIPTION
The drop takes each file that is offered under a name it wants, and says when it has arrived; other offers wait until somebody decides. A file
stands in the folder under its name only when all of it is there and its SHA-256 is right; nothing that is there is replaced; no name leads
out of the folder.

As it stands it plays both sides in this one session: a scanner sends three files, one of which nobody wants. Nothing is left on the disk.

With -Folder it is a drop for others: it goes on until Ctrl+C. Elsewhere, type Connect-ChatPeer <this machine> 8097 and
Get-ChildItem *.txt | Send-ChatFile drop.
.EXAMPLE
./examples/file-drop.ps1
.EXAMPLE
./examples/file-drop.ps1 -Folder ~/drop -Address 0.0.0.0 -Port 8097
#>
param([string] $Folder, [string] $Address = '127.0.0.1', [int] $Port = 0, [string] $Wanted = '*.txt')
$ErrorActionPreference = 'Stop'
if (-not (Get-Module PSSecureChat)) { Import-Module "$PSScriptRoot/../PSSecureChat.psd1" }

$play = -not $Folder
if ($play) { $Folder = [IO.Path]::Combine([IO.Path]::GetTempPath(), "drop-$([guid]::NewGuid())") }
$null = [IO.Directory]::CreateDirectory($Folder)

$drop = Start-ChatServer $Address $Port drop -AcceptFrom Anyone -Ephemeral:$play
try {
    "drop listens on $($drop.Endpoint)"
    if ($play) {
        $scanner = Start-ChatServer 127.0.0.1 0 scanner -Ephemeral
        $null = Connect-ChatPeer $drop.Endpoint -Server $scanner
        $desk = [IO.Directory]::CreateDirectory([IO.Path]::Combine($Folder, 'desk')).FullName
        'game.exe', 'invoice.txt', 'letter.txt' | ForEach-Object {
            [IO.File]::WriteAllText([IO.Path]::Combine($desk, $_), "This is $_.")
            $null = Send-ChatFile drop "$desk/$_" -Server $scanner
        }
    }

    # Each round takes what is offered and wanted, or waits for it, and ends when it has arrived.
    $arrived = 0
    while (-not $play -or $arrived -lt 2) {
        Receive-ChatFile $Wanted $Folder -Wait -Server $drop | ForEach-Object {
            "$($_.From) brought $([IO.Path]::GetFileName($_.Path)), $($_.Length) bytes"
            $arrived++
        }
    }

    Get-ChatTransfer -State Offered -Server $drop | ForEach-Object {
        "$($_.From) may keep $($_.Name)"
        $_ | Stop-ChatTransfer -Server $drop
    }
}
finally {
    if ($scanner) { Stop-ChatServer $scanner }
    Stop-ChatServer $drop
    if ($play) { [IO.Directory]::Delete($Folder, $true) }
}
