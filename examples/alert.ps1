<#
.SYNOPSIS
Sends an alert from a scheduled task, and says by its exit code whether it has arrived.
.DESCRIPTION
Exit code 0: the other side has stored it. 1: it could not be delivered in time; it is queued, and goes out the next time a server
runs on this store.

As it stands it plays both sides in this one session, and leaves nothing on the disk. In earnest, connect once with the invitation that
the receiver made with New-ChatInvitation:

    $server = Start-ChatServer -Name backup-job; Connect-ChatPeer <invitation>; Stop-ChatServer

and have the scheduler run

    pwsh -NoProfile -File alert.ps1 -To ops -Text 'Backup failed on db1'
.EXAMPLE
./examples/alert.ps1
.EXAMPLE
./examples/alert.ps1 -To ops -Text 'Backup failed on db1' -TimeoutSec 60
#>
param([string] $To, [string] $Text = 'Backup finished.', [double] $TimeoutSec = 30)
$ErrorActionPreference = 'Stop'
if (-not (Get-Module PSSecureChat)) { Import-Module "$PSScriptRoot/../PSSecureChat.psd1" }

$play = -not $To
if ($play) { $To = 'ops' }
$job = Start-ChatServer 127.0.0.1 0 backup-job -Ephemeral:$play
try {
    if ($play) {
        $ops = Start-ChatServer 127.0.0.1 0 ops -Ephemeral -AcceptFrom Anyone
        $null = Connect-ChatPeer $ops.Endpoint -Server $job
    }

    $sent = Send-ChatMessage $To $Text -WaitFor Delivered -TimeoutSec $TimeoutSec -Server $job -ErrorAction SilentlyContinue -ErrorVariable failure
    if ($sent) { "delivered to $($sent.To)" } else { "not delivered: $failure" }
}
finally {
    if ($ops) { Stop-ChatServer $ops }
    Stop-ChatServer $job
}

exit [int](-not $sent)
