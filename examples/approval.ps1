<#
.SYNOPSIS
Asks a person, and goes on only when the answer is yes.
.DESCRIPTION
Exit code 0: yes. 1: another answer, or none in time.

As it stands it plays both sides in this one session: ops thinks, then says yes. Nothing is left on the disk. In earnest the person
types, on another machine:

    $question = Wait-ChatMessage -From deployer
    Send-ChatMessage deployer yes -InReplyTo $question
.EXAMPLE
./examples/approval.ps1
.EXAMPLE
./examples/approval.ps1 -To ops -Question 'Delete the old index?' -TimeoutSec 3600
#>
param([string] $To, [string] $Question = 'Deploy 4.2 to production? (yes/no)', [double] $TimeoutSec = 600)
$ErrorActionPreference = 'Stop'
if (-not (Get-Module PSSecureChat)) { Import-Module "$PSScriptRoot/../PSSecureChat.psd1" }

$play = -not $To
if ($play) { $To = 'ops' }
$deployer = Start-ChatServer 127.0.0.1 0 deployer -Ephemeral:$play
try {
    if ($play) {
        $ops = Start-ChatServer 127.0.0.1 0 ops -Ephemeral -AcceptFrom Anyone
        $null = Connect-ChatPeer $ops.Endpoint -Server $deployer
    }

    $asked = Send-ChatMessage $To $Question -Server $deployer -PassThru
    if ($play) {
        $seen = Wait-ChatMessage -From deployer -TimeoutSec 30 -Server $ops
        'let me look', 'yes' | Send-ChatMessage deployer -InReplyTo $seen -Server $ops
    }

    # Only the answer of the one who was asked counts, also when it came before the wait began. A time-out is an error, and ends the script.
    do {
        $answer = Wait-ChatMessage -InReplyTo $asked -TimeoutSec $TimeoutSec -Server $deployer
        "$answer"
    } until ($answer.Text -in 'yes', 'no')
}
finally {
    if ($ops) { Stop-ChatServer $ops }
    Stop-ChatServer $deployer
}

if ($answer.Text -ne 'yes') { 'not approved'; exit 1 }
'approved'
exit 0
